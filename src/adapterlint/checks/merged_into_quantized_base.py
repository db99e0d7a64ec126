"""The adapter is merged into a base that was loaded in 4 or 8 bits: the merged weights are rounded to those bits again.

`merge_and_unload()` on a quantised base takes each weight to full precision, adds the adapter's change and quantises
the sum. What is left of a small change after that rounding is another one, and the merged model that is saved is still
a 4 or 8 bit one. Measured with bitsandbytes on a tiny model: merged outputs differ from the same adapter unmerged by 2
percent of the adapter's effect in 4 bits, and by 2e-7 where the base is in full precision. PEFT gives a UserWarning
about rounding errors at the merge.

To mend it, save the adapter, load the base again without quantization (`torch_dtype=torch.bfloat16`), put the adapter
on that, and merge there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.knowledge.effects import COPIED, SAVED
from adapterlint.model import Applicability, Example, Fix, Rule, Severity
from adapterlint.names import Object
from adapterlint.names.objects import Constant

if TYPE_CHECKING:
    from adapterlint.model import Finding
    from adapterlint.names import Act, Names

_IMPORT = "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM, BitsAndBytesConfig\n\n"
_BITS = "bits = BitsAndBytesConfig(load_in_4bit=True)\n"
_BASE = 'base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B", quantization_config=bits)\n'
_LOAD = 'model = PeftModel.from_pretrained(base, "adapters/support")\n'
_MERGE = 'merged = model.merge_and_unload()\nmerged.save_pretrained("merged")\n'

RULE = Rule(
    id="merged-into-quantized-base",
    family="source",
    severity=Severity.warning,
    summary="an adapter is merged into a base that was loaded in 4 or 8 bits",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/developer_guides/quantization",),
    examples=(
        Example(title="merged into 4 bits", cells=(_IMPORT + _BITS, _BASE + _LOAD, _MERGE)),
        Example(
            title="the older argument",
            cells=(
                _IMPORT + 'base = AutoModelForCausalLM.from_pretrained("gpt2", load_in_8bit=True)\n',
                _LOAD,
                _MERGE,
            ),
        ),
        Example(
            title="merged only to be run",
            severity=Severity.info,
            cells=(_IMPORT + _BITS, _BASE + _LOAD, "merged = model.merge_and_unload()\nmerged.generate(**inputs)\n"),
        ),
        Example(
            title="merged into the base in half precision",
            fires=0,
            cells=(
                _IMPORT + 'base = AutoModelForCausalLM.from_pretrained("gpt2", torch_dtype="bfloat16")\n',
                _LOAD,
                _MERGE,
            ),
        ),
        Example(title="quantised, and not merged", fires=0, cells=(_IMPORT + _BITS, _BASE + _LOAD, "model.eval()\n")),
        Example(
            title="trained in 4 bits, merged into a base that is loaded again",
            fires=0,
            cells=(
                _IMPORT + _BITS,
                _BASE + _LOAD,
                'base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n' + _LOAD,
                _MERGE,
            ),
        ),
        Example(
            title="dequantised before the adapter goes on",
            fires=0,
            cells=(_IMPORT + _BITS, _BASE + "base = base.dequantize()\n" + _LOAD, _MERGE),
        ),
        Example(
            title="quantised or not by an option",
            fires=0,
            cells=(_IMPORT + "bits = BitsAndBytesConfig(load_in_4bit=args.bits == 4)\n", _BASE + _LOAD, _MERGE),
        ),
    ),
)

_FLAGS = {"load_in_4bit": 4, "load_in_8bit": 8}
_NOTE = "needs the base in full precision once more, in memory"


def check(names: Names) -> Iterator[Finding]:
    """Report each merge into a base that surely was loaded in 4 or 8 bits."""
    seen = set()
    for act in names.calls("peft.PeftModel.merge_and_unload"):
        models = [it for it in act.subject if isinstance(it, Object)]
        found = [_quantized(it, names) for it in models]
        loaded = found[0] if found and len(models) == len(act.subject) and all(found) else None
        if loaded is None or act.site in seen:
            continue
        seen.add(act.site)
        made, bits = loaded
        place = names.place(made.site, f"loaded in {bits} bits")
        saved = any(names.history.before(act, it) for model in models for it in names.history.events(model, SAVED))
        message = (
            f"the adapter is merged into a base loaded in {bits} bits (line {place.line}), "
            f"which rounds the merged weights to {bits} bits again"
        )
        fix = Fix("load the base without quantization and merge there", Applicability.display, (), _NOTE)
        severity = None if saved else Severity.info
        yield RULE.finding(message, names.place(act.site), severity=severity, related=(place,), fix=fix)


def _quantized(model: Object, names: Names) -> tuple[Act, int] | None:
    """The call that loaded the base in few bits, and how many; None where it may have been loaded otherwise."""
    bases = [it for it in model.wraps if isinstance(it, Object)] or [model]
    if len(bases) != max(1, len(model.wraps)) or any(it.foreign or it.made is None for it in bases):
        return None
    if any(it.kind == "member" and it.detail == "dequantize" for it in names.history.events(model)):
        return None
    found = []
    for it in bases:
        nested = it.made is not None and (it.made.kind == COPIED or bool(it.wraps))
        bits = _bits(it.made) if it.made is not None and not nested else None
        if bits is None or it.made is None:
            return None
        found.append((it.made, bits))
    return found[0]


def _bits(made: Act) -> int | None:
    for name, bits in _FLAGS.items():
        if _is_true(made, name):
            return bits
    given = made.argument("quantization_config")
    configs = given.values if given is not None else ()
    said = {_config_bits(it) if isinstance(it, Object) else None for it in configs}
    return said.pop() if len(said) == 1 else None


def _config_bits(config: Object) -> int | None:
    if config.made is None or config.made.call != "transformers.BitsAndBytesConfig":
        return None
    return next((bits for name, bits in _FLAGS.items() if _is_true(config.made, name)), None)


def _is_true(act: Act, name: str) -> bool:
    given = act.argument(name)
    return given is not None and all(isinstance(it, Constant) and it.text == "True" for it in given.values)
