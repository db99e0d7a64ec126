"""What the flow of a program says of a load: whether it is certain, what it hides, and how far its fix can be trusted.

Each program is short and as people write them; the marker after it is what adapterlint has to say.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import adapterlint

IMPORTS = """\
from peft import PeftModel
from sentence_transformers import SentenceTransformer, CrossEncoder
from transformers import AutoModel
"""
PROGRAMS = """\
#### match_false load=0
model = SentenceTransformer("x")
match kind:
    case "hf":
        model = AutoModel.from_pretrained("y")
    case _:
        model = load()
model = PeftModel.from_pretrained(model, p)
#### match_true load=1
match kind:
    case "hf":
        model = SentenceTransformer("x")
        model = PeftModel.from_pretrained(model, p)
#### nonlocal load=0
def outer():
    model = SentenceTransformer("x")
    def inner():
        nonlocal model
        model = AutoModel.from_pretrained("y")
    inner()
    return PeftModel.from_pretrained(model, p)
#### self_branch load=0
class E:
    def __init__(self, cfg):
        if not cfg.st:
            self.model = AutoModel.from_pretrained(cfg.n)
        else:
            self.model = SentenceTransformer(cfg.n)
        self.model = PeftModel.from_pretrained(self.model, cfg.p)
#### self_branch_both load=1
class E:
    def __init__(self, cfg):
        if not cfg.st:
            self.model = SentenceTransformer(cfg.n)
        else:
            self.model = SentenceTransformer(cfg.m)
        self.model = PeftModel.from_pretrained(self.model, cfg.p)
#### self_two_loaders load=0
class E:
    def load_hf(self):
        self.model = AutoModel.from_pretrained("x")
    def load_st(self):
        self.model = SentenceTransformer("x")
    def attach(self, p):
        self.model = PeftModel.from_pretrained(self.model, p)
#### global_branch load=0
def load(kind):
    global model
    if kind == "hf":
        model = AutoModel.from_pretrained("x")
    else:
        model = SentenceTransformer("x")
load(K)
model = PeftModel.from_pretrained(model, p)
#### global_two load=0
def load_hf():
    global model
    model = AutoModel.from_pretrained("x")
def load_st():
    global model
    model = SentenceTransformer("x")
def attach(p):
    return PeftModel.from_pretrained(model, p)
#### global_return_early load=0
def load(kind):
    global model
    if kind == "hf":
        model = AutoModel.from_pretrained("x")
        return
    model = SentenceTransformer("x")
load(K)
model = PeftModel.from_pretrained(model, p)
#### isinstance_else load=0
def attach(model, path):
    if isinstance(model, SentenceTransformer):
        model[0].auto_model = PeftModel.from_pretrained(model[0].auto_model, path)
        return model
    return PeftModel.from_pretrained(model, path)
m = attach(SentenceTransformer("x"), p)
#### isinstance_else2 load=0
def attach(model, path):
    if isinstance(model, SentenceTransformer):
        model.load_adapter(path)
    else:
        model = PeftModel.from_pretrained(model, path)
    return model
m = attach(SentenceTransformer("x"), p)
#### isinstance_not load=0
def attach(model, path):
    if not isinstance(model, SentenceTransformer):
        return PeftModel.from_pretrained(model, path)
    model.load_adapter(path)
    return model
m = attach(SentenceTransformer("x"), p)
#### isinstance_true load=1
def attach(model, path):
    if isinstance(model, SentenceTransformer):
        return PeftModel.from_pretrained(model, path)
    return None
m = attach(SentenceTransformer("x"), p)
#### isinstance_unknown load=1
def attach(model, path):
    if isinstance(model, SentenceTransformer):
        model = PeftModel.from_pretrained(model, path)
    return model
#### isinstance_tuple load=0
def attach(model, path):
    if isinstance(model, (SentenceTransformer, CrossEncoder)):
        model = model[0].auto_model
    return PeftModel.from_pretrained(model, path)
m = attach(SentenceTransformer("x"), p)
#### assert_isinstance load=1
def attach(model, path):
    assert isinstance(model, SentenceTransformer)
    return PeftModel.from_pretrained(model, path)
#### isinstance_ternary load=0
def attach(model, path):
    inner = model[0].auto_model if isinstance(model, SentenceTransformer) else model
    return PeftModel.from_pretrained(inner, path)
m = attach(SentenceTransformer("x"), p)
#### hasattr_else load=0
model = SentenceTransformer("x")
if hasattr(model, "load_adapter"):
    model.load_adapter(p)
else:
    model = PeftModel.from_pretrained(model, p)
#### items_store load=0
models = {"a": SentenceTransformer("x")}
models["a"] = AutoModel.from_pretrained("x")
m = PeftModel.from_pretrained(models["a"], p)
#### items_store_list load=0
models = [SentenceTransformer("x")]
models[0] = models[0][0].auto_model
m = PeftModel.from_pretrained(models[0], p)
#### items_update load=0
models = {"a": SentenceTransformer("x")}
models.update(a=AutoModel.from_pretrained("x"))
m = PeftModel.from_pretrained(models["a"], p)
#### items_loop_append load=0
models = [SentenceTransformer("x")]
models.append(AutoModel.from_pretrained("y"))
for m in models:
    PeftModel.from_pretrained(m, p)
#### models_loop load=1 fix=display
models = {"a": SentenceTransformer("x"), "b": SentenceTransformer("y")}
for name in models:
    models[name] = PeftModel.from_pretrained(models[name], f"adapters/{name}")
#### decorator_unknown load=0
@unwrapped
def load():
    return SentenceTransformer("x")
m = PeftModel.from_pretrained(load(), p)
#### decorator_cache load=1
from functools import lru_cache
@lru_cache(maxsize=None)
def load(n):
    return SentenceTransformer(n)
m = PeftModel.from_pretrained(load("x"), p)
#### decorator_st load=1
import streamlit as st
@st.cache_resource
def load(n):
    return SentenceTransformer(n)
m = PeftModel.from_pretrained(load("x"), p)
#### static load=1
class E:
    @staticmethod
    def wrap(model, path):
        return PeftModel.from_pretrained(model, path)
    def run(self):
        m = self.wrap(SentenceTransformer("x"), "p")
#### static_load load=1
class E:
    @staticmethod
    def base(name):
        return SentenceTransformer(name)
    def run(self, p):
        m = PeftModel.from_pretrained(self.base("x"), p)
        return m.encode("a")
#### property_ load=1
class E:
    def __init__(self):
        self._m = SentenceTransformer("x")
    @property
    def model(self):
        return self._m
    def run(self, p):
        m = PeftModel.from_pretrained(self.model, p)
        return m.encode("a")
#### property_inner load=0
class E(SentenceTransformer):
    @property
    def inner(self):
        return self[0].auto_model
    def run(self, p):
        m = PeftModel.from_pretrained(self.inner, p)
#### class_attr load=1
class E:
    base = SentenceTransformer("x")
    def run(self, p):
        return PeftModel.from_pretrained(self.base, p)
#### optional_param load=1
from typing import Optional
def f(m: Optional[SentenceTransformer] = None, p: str = "x"):
    if m is None:
        m = SentenceTransformer("x")
    return PeftModel.from_pretrained(m, p)
#### string_annotation load=1
def f(m: "SentenceTransformer", p):
    return PeftModel.from_pretrained(m, p)
#### union_none load=1
def f(m: SentenceTransformer | None, p):
    return PeftModel.from_pretrained(m, p)
#### union_other load=0
def f(m: SentenceTransformer | AutoModel, p):
    return PeftModel.from_pretrained(m, p)
#### rewrap_loop load=1 fix=display
model = SentenceTransformer("x")
for p in paths:
    model = PeftModel.from_pretrained(model, p)
#### base_in_comprehension load=1 fix=display
base = SentenceTransformer("x")
def evaluate(p):
    model = PeftModel.from_pretrained(base, p)
    return model.encode(["a"])
results = {p: evaluate(p) for p in paths}
#### base_in_map load=1 fix=display
base = SentenceTransformer("x")
def evaluate(p):
    model = PeftModel.from_pretrained(base, p)
    return model.encode(["a"])
results = list(map(evaluate, paths))
#### base_in_apply load=1 fix=display
base = SentenceTransformer("x")
def evaluate(p):
    model = PeftModel.from_pretrained(base, p)
    return model.encode(["a"])
df["r"] = df["path"].apply(evaluate)
#### base_in_apply_lambda load=1 fix=display
base = SentenceTransformer("x")
df["r"] = df["path"].apply(lambda p: PeftModel.from_pretrained(base, p).encode(["a"]))
#### try_none load=1 fix=safe
model = None
try:
    model = PeftModel.from_pretrained(SentenceTransformer("x"), p)
except Exception:
    pass
if model is None:
    raise SystemExit
print(model.encode("a"))
#### try_none_named load=1 fix=safe
model = None
try:
    base = SentenceTransformer("x")
    model = PeftModel.from_pretrained(base, p)
except ValueError:
    pass
if model is not None:
    print(model.encode("a"))
#### append_before load=1 fix=display
base = SentenceTransformer("x")
models = []
models.append(base)
tuned = PeftModel.from_pretrained(base, p)
models.append(tuned)
for m in models:
    print(m.encode("a"))
#### dict_before load=1 fix=display
base = SentenceTransformer("x")
models = {"base": base}
models["tuned"] = PeftModel.from_pretrained(base, p)
for name, m in models.items():
    print(m.encode("a"))
#### dict_literal load=1 fix=display
base = SentenceTransformer("x")
tuned = PeftModel.from_pretrained(base, p)
models = {"base": base, "tuned": tuned}
report(models)
#### dict_literal_before load=1 fix=display
base = SentenceTransformer("x")
models = {"base": base}
tuned = PeftModel.from_pretrained(base, p)
report(models)
#### attr_before load=1 fix=display
base = SentenceTransformer("x")
config.base = base
tuned = PeftModel.from_pretrained(base, p)
print(tuned.encode("a"))
compare(config)
#### globals_read load=1 fix=display
base = SentenceTransformer("x")
tuned = PeftModel.from_pretrained(base, p)
for n in ["base", "tuned"]:
    print(globals()[n].encode("a"))
#### eval_read load=1 fix=display
base = SentenceTransformer("x")
tuned = PeftModel.from_pretrained(base, p)
print(eval("base").encode("a"))
#### fn_global_baseline load=1 fix=display
base = SentenceTransformer("x")
tuned = PeftModel.from_pretrained(base, p)
def baseline(texts):
    return base.encode(texts)
#### fn_before_baseline load=1 fix=display
base = SentenceTransformer("x")
def baseline(texts):
    return base.encode(texts)
tuned = PeftModel.from_pretrained(base, p)
print(baseline(["a"]), tuned.encode(["a"]))
#### lambda_baseline load=1 fix=display
base = SentenceTransformer("x")
embed = lambda t: base.encode(t)
tuned = PeftModel.from_pretrained(base, p)
print(embed("a"), tuned.encode("a"))
#### bound_method load=1 fix=display
base = SentenceTransformer("x")
embed = base.encode
tuned = PeftModel.from_pretrained(base, p)
print(embed("a"), tuned.encode("a"))
#### bound_method_dict load=1 fix=display
base = SentenceTransformer("x")
fns = {"base": base.encode}
tuned = PeftModel.from_pretrained(base, p)
fns["tuned"] = tuned.encode
for n, f in fns.items():
    print(f("a"))
#### partial_ load=1 fix=display
from functools import partial
base = SentenceTransformer("x")
f = partial(run, base)
tuned = PeftModel.from_pretrained(base, p)
print(f("a"), tuned.encode("a"))
#### inner_before load=1 fix=display
base = SentenceTransformer("x")
inner = base[0].auto_model
tuned = PeftModel.from_pretrained(base, p)
print(inner(**x), tuned.encode("a"))
#### order_callee load=1 fix=display
base = SentenceTransformer("x")
collect(base.encode("a")).append(PeftModel.from_pretrained(base, p).encode("a"))
#### hasattr_peft load=1 fix=display
model = PeftModel.from_pretrained(SentenceTransformer("x"), p)
if hasattr(model, "merge_and_unload"):
    print(1)
print(model.encode("a"))
#### getattr_peft load=1 fix=display
model = PeftModel.from_pretrained(SentenceTransformer("x"), p)
print(getattr(model, "peft_config"))
#### dunder_class load=1 fix=display
model = PeftModel.from_pretrained(SentenceTransformer("x"), p)
print(model.__class__.__name__)
#### torch_save load=1 fix=unsafe
import torch
model = PeftModel.from_pretrained(SentenceTransformer("x"), p)
torch.save(model, "m.pt")
#### main_argparse load=1 fix=safe
import argparse
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adapter")
    args = parser.parse_args()
    base = SentenceTransformer("x")
    model = PeftModel.from_pretrained(base, args.adapter)
    model.eval()
    with torch.no_grad():
        print(model.encode(["a"]))
if __name__ == "__main__":
    main()
#### chain_to load=1 fix=safe
model = PeftModel.from_pretrained(SentenceTransformer("x"), p).to("cpu").eval()
print(model.encode("a"))
#### tuple_unpack load=1
model, name = PeftModel.from_pretrained(SentenceTransformer("x"), p), "n"
print(model.encode("a"))
#### multi_target load=1 fix=safe
base = SentenceTransformer("x")
a = b = PeftModel.from_pretrained(base, p)
print(a.encode("a"))
#### walrus load=1
if (m := PeftModel.from_pretrained(SentenceTransformer("x"), p)) is not None:
    print(m.encode("a"))
#### conditional_expr load=1
base = SentenceTransformer("x")
model = PeftModel.from_pretrained(base, p) if p else base
print(model.encode("a"))
#### async_ load=1
async def load(p):
    base = SentenceTransformer("x")
    return PeftModel.from_pretrained(base, p)
async def main():
    m = await load("p")
    print(m.encode("a"))
#### global_model_fn load=1
model = None
def load(p):
    global model
    base = SentenceTransformer("x")
    model = PeftModel.from_pretrained(base, p)
load("a")
print(model.encode("a"))
#### return_tuple load=1
def load(p):
    base = SentenceTransformer("x")
    model = PeftModel.from_pretrained(base, p)
    return base, model
b, m = load("p")
print(b.encode("a"), m.encode("a"))
#### return_model load=1 fix=safe
def load(p):
    base = SentenceTransformer("x")
    model = PeftModel.from_pretrained(base, p)
    return model
m = load("p")
print(m.encode("a"))
#### while_retry load=1
base = SentenceTransformer("x")
while True:
    try:
        model = PeftModel.from_pretrained(base, p)
        break
    except OSError:
        continue
print(model.encode("a"))
#### finally_ load=1
base = SentenceTransformer("x")
try:
    model = PeftModel.from_pretrained(base, p)
    print(model.encode("a"))
finally:
    del base
#### listdir load=1 fix=safe
import os
from pathlib import Path
for d in sorted(os.listdir("adapters")):
    full = Path("adapters") / d
    if not full.is_dir():
        continue
    base = SentenceTransformer("x", device=device)
    model = PeftModel.from_pretrained(base, str(full))
    results[d] = model.encode(["a"])
    del model, base
    gc.collect()
#### glob_dict load=1 fix=unsafe
models = {}
for path in Path("adapters").glob("*"):
    base = SentenceTransformer("x")
    models[path.name] = PeftModel.from_pretrained(base, path)
#### dict_comp load=1
models = {n: PeftModel.from_pretrained(SentenceTransformer("x"), n) for n in names}
#### kwargs load=1
m = PeftModel.from_pretrained(SentenceTransformer("x"), p, **kw)
print(m.encode("a"))
#### dataclass load=1
from dataclasses import dataclass
@dataclass
class C:
    base: SentenceTransformer
    path: str
    def load(self):
        return PeftModel.from_pretrained(self.base, self.path)
#### ctor_kw load=1 fix=safe
model = PeftModel.from_pretrained(model_id=p, model=SentenceTransformer("x"))
print(model.encode("a"))
#### subclass load=1
class My(SentenceTransformer):
    pass
m = PeftModel.from_pretrained(My("x"), p)
print(m.encode("a"))
#### closure load=1
def factory():
    base = SentenceTransformer("x")
    def attach(p):
        return PeftModel.from_pretrained(base, p)
    return attach
#### closure_calls load=1 fix=display
def factory():
    base = SentenceTransformer("x")
    def attach(p):
        m = PeftModel.from_pretrained(base, p)
        return m.encode("a")
    return attach
f = factory()
for p in ps:
    f(p)
#### self_base_method load=1 fix=display
class E:
    def __init__(self):
        self.base = SentenceTransformer("x")
    def score(self, p):
        model = PeftModel.from_pretrained(self.base, p)
        return model.encode("a")
#### self_base_baseline load=1 fix=display
class E:
    def __init__(self, p):
        self.base = SentenceTransformer("x")
        self.model = PeftModel.from_pretrained(self.base, p)
    def baseline(self, t):
        return self.base.encode(t)
    def tuned(self, t):
        return self.model.encode(t)
#### deepcopy load=1
import copy
base = SentenceTransformer("x")
model = PeftModel.from_pretrained(copy.deepcopy(base), p)
print(base.encode("a"), model.encode("a"))
#### semicolon load=1 fix=safe
base = SentenceTransformer("x"); model = PeftModel.from_pretrained(base, p); print(model.encode("a"))
#### backslash load=1 fix=safe
base = \\
    SentenceTransformer("x")
model = \\
    PeftModel.from_pretrained(base, p)
print(model.encode("a"))
#### comment_trailing load=1 fix=safe
base = SentenceTransformer("x")  # base
model = PeftModel.from_pretrained(base, p)  # load it
print(model.encode("a"))
#### comment_inside load=1 fix=safe
base = SentenceTransformer("x")
model = PeftModel.from_pretrained(  # first
    base,  # the base
    p,  # the path
)  # end
print(model.encode("a"))
#### annotated_assign load=1 fix=safe
base: SentenceTransformer = SentenceTransformer("x")
model: PeftModel = PeftModel.from_pretrained(base, p)
print(model.encode("a"))
#### if_oneline load=1 fix=safe
base = SentenceTransformer("x")
if p: model = PeftModel.from_pretrained(base, p)
else: model = base
print(model.encode("a"))
#### augmented load=1
scores = 0
scores += PeftModel.from_pretrained(SentenceTransformer("x"), p).encode("a").sum()
#### subscript_target load=1
ms = {}
ms["a"] = PeftModel.from_pretrained(SentenceTransformer("x"), p)
print(ms["a"].encode("a"))
#### print_direct load=1 fix=safe
print(PeftModel.from_pretrained(SentenceTransformer("x"), p).encode("a"))
#### fstring load=1 fix=display
print(f"{PeftModel.from_pretrained(SentenceTransformer('x'), p).encode('a')}")
#### evaluator load=1
from sentence_transformers.evaluation import InformationRetrievalEvaluator
base = SentenceTransformer("x")
ev = InformationRetrievalEvaluator(q, c, r)
before = ev(base)
model = PeftModel.from_pretrained(base, p)
after = ev(model)
#### before_then_wrap_encode load=1 fix=safe
base = SentenceTransformer("x")
before = base.encode(["a"])
model = PeftModel.from_pretrained(base, p)
after = model.encode(["a"])
#### param_reassigned load=0
def f(model: SentenceTransformer, p):
    model = model[0].auto_model
    return PeftModel.from_pretrained(model, p)
#### loop_rebinding load=0
model = SentenceTransformer("x")
for layer in model:
    model = layer
m = PeftModel.from_pretrained(model, p)
#### with_as load=0
with SentenceTransformer("x") as s, open("f") as s:
    PeftModel.from_pretrained(s, p)
#### except_star load=0
try:
    m = SentenceTransformer("x")
except* ValueError:
    m = AutoModel.from_pretrained("y")
m = PeftModel.from_pretrained(m, p)
#### import_shadow load=0
model = SentenceTransformer("x")
from mine import model
m = PeftModel.from_pretrained(model, p)
#### import_as_shadow load=0
from mine import SentenceTransformer
m = PeftModel.from_pretrained(SentenceTransformer("x"), p)
#### star_import_shadow load=0
from helpers import *
m = PeftModel.from_pretrained(model, p)
#### cond_import load=0
try:
    from sentence_transformers import SentenceTransformer
except ImportError:
    from mine import SentenceTransformer
m = PeftModel.from_pretrained(SentenceTransformer("x"), p)
#### def_shadow load=0
model = SentenceTransformer("x")
def model(): pass
m = PeftModel.from_pretrained(model, p)
#### comp_shadow load=0
model = SentenceTransformer("x")
ms = [PeftModel.from_pretrained(model, "p") for model in hf_models]
#### patched load=0
import peft
peft.PeftModel = MyPeft
model = peft.PeftModel.from_pretrained(SentenceTransformer("x"), p)
#### setattr_ load=0
class E: pass
e = E()
e.model = SentenceTransformer("x")
setattr(e, "model", AutoModel.from_pretrained("y"))
m = PeftModel.from_pretrained(e.model, p)
#### self_attr_external load=0
class E:
    def __init__(self):
        self.model = SentenceTransformer("x")
e = E()
e.model = e.model[0].auto_model
m = PeftModel.from_pretrained(e.model, p)
#### lambda_load load=1 fix=display
load = lambda p: PeftModel.from_pretrained(SentenceTransformer("x"), p)
print(load("p").encode("a"))
#### yield_ load=1
def gen():
    for p in ps:
        yield PeftModel.from_pretrained(SentenceTransformer("x"), p)
#### fixture load=1
import pytest
@pytest.fixture
def model():
    base = SentenceTransformer("x")
    return PeftModel.from_pretrained(base, "p")
#### exec_other load=1
with open("f") as f: base = SentenceTransformer(f.read())
with open("g") as f:
    model = PeftModel.from_pretrained(base, f.read())
print(model.encode("a"))
#### hidden_flow hidden=1 load=0
try:
    base = AutoModel.from_pretrained("x")
    model = PeftModel.from_pretrained(base, p)
    info = describe(model)
except Exception as e:
    model = AutoModel.from_pretrained(p)
    info = error_info(model_name, e)
#### hidden_not_model hidden=0 load=0
try:
    base = AutoModel.from_pretrained("x")
    model = PeftModel.from_pretrained(base, p)
    info = describe(model)
except Exception as e:
    info = model_error(model_name, e)
    failures.append(info)
#### hidden_pass hidden=1 load=0
model = AutoModel.from_pretrained("x")
try:
    model = PeftModel.from_pretrained(model, p)
except Exception:
    print("no adapter")
out = model(**x)
#### hidden_pass_native hidden=1 load=0
model = SentenceTransformer("x")
try:
    model.load_adapter(p)
except:
    pass
print(model.encode("a"))
#### hidden_none hidden=0 load=0
try:
    model = PeftModel.from_pretrained(base, p)
except Exception:
    model = None
#### hidden_flag hidden=0 load=0
model = AutoModel.from_pretrained("x")
ok = True
try:
    model = PeftModel.from_pretrained(model, p)
except Exception:
    ok = False
if not ok:
    raise SystemExit
#### hidden_reraise_if hidden=0 load=0
try:
    model = PeftModel.from_pretrained(base, p)
except Exception:
    if strict:
        raise
    model = base
#### hidden_warn hidden=1 load=0
import warnings
base = AutoModel.from_pretrained("x")
try:
    model = PeftModel.from_pretrained(base, p)
except (OSError, Exception) as e:
    warnings.warn(f"failed {e}")
    model = base
#### hidden_retry hidden=0 load=0
try:
    model = PeftModel.from_pretrained(base, p)
except Exception:
    model = PeftModel.from_pretrained(base, p, adapter_name="x")
#### hidden_autopeft hidden=0 load=0
from peft import AutoPeftModelForCausalLM
try:
    model = AutoPeftModelForCausalLM.from_pretrained(p)
except Exception:
    base = AutoModel.from_pretrained("x")
    model = PeftModel.from_pretrained(base, p)
#### hidden_nested hidden=1 load=0
try:
    try:
        model = PeftModel.from_pretrained(AutoModel.from_pretrained("x"), p)
    except Exception as e:
        raise RuntimeError from e
except:
    model = AutoModel.from_pretrained("x")
#### hidden_return hidden=1 load=0
def load(p):
    try:
        base = AutoModel.from_pretrained("x")
        model = PeftModel.from_pretrained(base, p)
        return model
    except Exception as e:
        logger.warning("x")
        return AutoModel.from_pretrained(p)
#### hidden_return_none hidden=0 load=0
def load(p):
    try:
        base = AutoModel.from_pretrained("x")
        return PeftModel.from_pretrained(base, p)
    except Exception as e:
        return None
#### hidden_return_dict hidden=0 load=0
def load(p):
    try:
        base = AutoModel.from_pretrained("x")
        return PeftModel.from_pretrained(base, p)
    except Exception as e:
        return {"error": describe_model_error(e)}
#### hidden_tuple hidden=1 load=0
def load(p):
    try:
        base = AutoModel.from_pretrained("x")
        return PeftModel.from_pretrained(base, p), tok
    except Exception as e:
        return AutoModel.from_pretrained(p), tok
#### hidden_sys_exit hidden=0 load=0
try:
    model = PeftModel.from_pretrained(base, p)
except Exception as e:
    print(e)
    sys.exit(1)
#### hidden_else hidden=1 load=0
try:
    model = PeftModel.from_pretrained(AutoModel.from_pretrained("a"), p)
except Exception as e:
    print(e)
    model = AutoModel.from_pretrained("a")
else:
    print("ok")
finally:
    print("done")
#### hidden_first_other hidden=0 load=0
try:
    model = AutoModel.from_pretrained(p)
except Exception:
    base = AutoModel.from_pretrained("x")
    model = PeftModel.from_pretrained(base, p)
#### hidden_results_only hidden=0 load=0
for p in ps:
    try:
        base = AutoModel.from_pretrained("x")
        model = PeftModel.from_pretrained(base, p)
        results[p] = evaluate(model)
    except Exception as e:
        results[p] = {"error": str(e)}
#### hidden_results_default hidden=0 load=0
for p in ps:
    try:
        base = AutoModel.from_pretrained("x")
        model = PeftModel.from_pretrained(base, p)
        score = evaluate_model(model)
    except Exception as e:
        score = default_model_score(p)
#### hidden_self hidden=1 load=0
class E:
    def load(self, p):
        self.model = AutoModel.from_pretrained("x")
        try:
            self.model = PeftModel.from_pretrained(self.model, p)
        except Exception as e:
            logger.error("failed: %s", e)
        self.model.eval()
#### hidden_unknown_load hidden=0 load=0
try:
    model = AutoModel.from_pretrained("x")
    model.load_state_dict(x)
except Exception:
    model = AutoModel.from_pretrained("y")
"""


def _programs() -> list[tuple[str, dict[str, str], str]]:
    found = []
    for block in PROGRAMS.split("#### ")[1:]:
        head, body = block.split("\n", 1)
        name, *expected = head.split()
        found.append((name, dict(it.split("=") for it in expected), body))
    return found


@pytest.mark.parametrize(("name", "expected", "body"), _programs(), ids=[it[0] for it in _programs()])
def test_verdict(
    name: str, expected: dict[str, str], body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"{name}.py"
    path.write_text(IMPORTS + body, encoding="utf-8")
    report = adapterlint.check([str(path)], target={"sentence-transformers": "5.1.0"})
    assert not report.crashed
    loads = [it for it in report.findings if it.rule == "peft-on-sentence-transformer"]
    hidden = [it for it in report.findings if it.rule == "adapter-failure-hidden"]
    assert len(loads) == int(expected.get("load", 0)), name
    if "hidden" in expected:
        assert len(hidden) == int(expected["hidden"]), name
    if "fix" in expected:
        assert [it.fix.applicability.name for it in loads if it.fix] == [expected["fix"]]


def test_a_failing_load_leaves_no_base_under_the_name_of_the_result(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    body = (
        "model = None\ntry:\n    model = PeftModel.from_pretrained(SentenceTransformer('x'), p)\n"
        "except OSError:\n    pass\nprint(model.encode('a') if model else '')\n"
    )
    path.write_text(IMPORTS + body, encoding="utf-8")
    adapterlint.check([str(path)], target={"sentence-transformers": "5.1.0"}, fix=True)
    assert "    base_model = SentenceTransformer('x')\n    base_model.load_adapter(p)\n    model = base_model\n" in (
        path.read_text(encoding="utf-8")
    )


def test_the_last_argument_takes_its_comma_along(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    body = "m = PeftModel.from_pretrained(model_id=p, model=SentenceTransformer('x'))\nprint(m.encode('a'))\n"
    path.write_text(IMPORTS + body, encoding="utf-8")
    adapterlint.check([str(path)], target={"sentence-transformers": "5.1.0"}, fix=True)
    assert ".load_adapter(peft_model_id=p)\n" in path.read_text(encoding="utf-8")


def test_a_load_in_nested_loops_is_certain_although_each_turn_makes_an_object(tmp_path: Path) -> None:
    loops = "".join(f"{' ' * depth}for i{depth} in r:\n" for depth in range(8))
    path = tmp_path / "program.py"
    path.write_text(
        IMPORTS + loops + " " * 8 + "m = PeftModel.from_pretrained(SentenceTransformer('x'), p)\n", encoding="utf-8"
    )
    assert [it.rule for it in adapterlint.check([str(path)]).findings] == ["peft-on-sentence-transformer"]


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"{' ' * depth}for i{depth} in r:\n" for depth in range(18)) + " " * 18 + "f(i0)\n",
        "x = " + "+".join(["'a'"] * 3000) + "\n",
        "x = a" + ".b()" * 3000 + "\n",
        "x = [" + "'a', " * 20_000 + "]\n",
        "try:\n" + "    y = 1\n" * 200 + "".join(f"except E{number}:\n    pass\n" for number in range(500)),
    ],
    ids=["nested loops", "long sum", "long chain", "long list", "many handlers"],
)
def test_what_is_large_or_deep_ends_soon_and_hides_nothing_before_it(body: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    load = "m = PeftModel.from_pretrained(SentenceTransformer('x'), p)\n"
    path.write_text(IMPORTS + load + body, encoding="utf-8")
    report = adapterlint.check([str(path)])
    assert not report.crashed
    assert [it.rule for it in report.findings] == ["peft-on-sentence-transformer"]
