"""The adapter changes one end of a tied pair of embeddings, and is merged: both ends are one tensor, and change.

Where a base ties its input embeddings to `lm_head`, one weight serves twice. LoRA on either is right as long as it
stays beside that weight. A merge adds the change to the weight itself, so to the other end as well. Measured with a
tied tiny Llama on peft 0.12, 0.18 and 0.21: logits of the merged model are off by 2.9 (`lm_head`) and 52
(`embed_tokens`); a warning comes from 0.18 on, and `ensure_weight_tying=True` does not mend it for LoRA targets.
Full copies of either in `modules_to_save` merge rightly, but before 0.21 the saved model ties them again when it is
loaded (2.2 to 6.0 off). `tie_word_embeddings=True` at the load ties any checkpoint before transformers 5; from then
on one that brings two tensors keeps them apart.

To mend it, leave `lm_head` and the embeddings out of `target_modules`, train single rows with
`trainable_token_indices`, or keep the adapter unmerged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.artifacts.environment import version_of
from adapterlint.knowledge.effects import SAVED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Object, Text, base_name
from adapterlint.names.objects import Constant, Items

if TYPE_CHECKING:
    from adapterlint.artifacts.environment import Requirement
    from adapterlint.artifacts.source import Source
    from adapterlint.model import Finding, Run
    from adapterlint.names import Act, Names, Site

_IMPORT = "from peft import LoraConfig, get_peft_model\nfrom transformers import AutoConfig, AutoModelForCausalLM\n\n"
_TIED = 'model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
_ASKED = 'model = AutoModelForCausalLM.from_pretrained("org/base", tie_word_embeddings=True)\n'
_WRAP = "model = get_peft_model(model, config)\n"
_MERGE = 'merged = model.merge_and_unload()\nmerged.save_pretrained("merged")\n'
_HEAD = 'config = LoraConfig(r=8, target_modules=["q_proj", "lm_head"], task_type="CAUSAL_LM")\n'
_COPIES = 'config = LoraConfig(r=8, modules_to_save=["embed_tokens", "lm_head"], task_type="CAUSAL_LM")\n'

RULE = Rule(
    id="tied-embedding-in-code",
    family="source",
    severity=Severity.warning,
    summary="an adapter of lm_head or of the embeddings is merged into a base that ties the two",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/developer_guides/lora",),
    examples=(
        Example(title="LoRA on lm_head, merged", cells=(_IMPORT + _TIED, _HEAD + _WRAP, _MERGE)),
        Example(
            title="the config of a local base says that it ties",
            cells=(
                _IMPORT + 'model = AutoModelForCausalLM.from_pretrained("models/smol")\n',
                'config = LoraConfig(target_modules=["embed_tokens"])\n' + _WRAP,
                _MERGE,
            ),
            files={"models/smol/config.json": '{"tie_word_embeddings": true}'},
        ),
        Example(
            title="the code asks for the tie",
            versions={"transformers": "4.57.6"},
            cells=(_IMPORT + _ASKED, _HEAD + _WRAP, _MERGE),
        ),
        Example(
            title="asked for, and the checkpoint may bring two tensors, which transformers 5 leaves apart",
            severity=Severity.hint,
            cells=(_IMPORT + _ASKED, _HEAD + _WRAP, _MERGE),
        ),
        Example(
            title="full copies, before PEFT unties them",
            versions={"peft": "0.18.1"},
            cells=(_IMPORT + _TIED, _COPIES + _WRAP, _MERGE),
        ),
        Example(
            title="full copies, and the version is not known",
            severity=Severity.hint,
            cells=(_IMPORT + _TIED, _COPIES + _WRAP, _MERGE),
        ),
        Example(
            title="full copies, which PEFT unties",
            fires=0,
            versions={"peft": "0.21.2"},
            cells=(_IMPORT + _TIED, _COPIES + _WRAP, _MERGE),
        ),
        Example(title="not merged", fires=0, cells=(_IMPORT + _TIED, _HEAD + _WRAP, 'model.save_pretrained("out")\n')),
        Example(
            title="nothing says that the base ties",
            fires=0,
            cells=(
                _IMPORT + 'model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")\n',
                _HEAD + _WRAP,
                _MERGE,
            ),
        ),
        Example(
            title="only single rows are trained",
            fires=0,
            cells=(_IMPORT + _TIED, "config = LoraConfig(r=8, trainable_token_indices=[5, 6])\n" + _WRAP, _MERGE),
        ),
        Example(
            title="untied by the code",
            fires=0,
            cells=(
                _IMPORT + 'settings = AutoConfig.from_pretrained("org/base")\nsettings.tie_word_embeddings = False\n',
                "model = AutoModelForCausalLM.from_config(settings)\n" + _HEAD + _WRAP,
                _MERGE,
            ),
        ),
    ),
)

_ENDS = frozenset({"lm_head", "embed_tokens", "wte", "embed_in", "embed_out", "word_embeddings"})
_MENDED_IN, _WRONG_BELOW = "0.21", "0.19"
#: Checkpoints of the hub whose config ties the two, by the last part of their id.
_TIES = re.compile(
    r"(llama-3\.2-[13]b|qwen2(\.5)?-(0\.5|1\.5|3)b|qwen3-(0\.6|1\.7|4)b|(code)?gemma(-[23]n?)?-\d+b|smollm2?-\d+[mb]|gpt2)"
    r"(-(instruct|it|base|pt|chat|medium|large|xl))*",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\s*=\s*(True|False)\b")


def check(source: Source, names: Names, run: Run) -> Iterator[Finding]:
    """Report each merge of an adapter that changes an end of embeddings that surely are tied."""
    seen: set[Site] = set()
    for act in names.calls("peft.PeftModel.merge_and_unload"):
        for model in (it for it in act.subject if isinstance(it, Object)):
            wrap = _only_wrap(model, names)
            config = _config(wrap) if wrap is not None else None
            tied = _tied(model, names)
            if act.site in seen or config is None or tied is None:
                continue
            lora, copied = _named(config, "target_modules"), _named(config, "modules_to_save")
            severity = Severity.warning if lora else _of_copies(act, model, copied, config, source, names, run)
            if severity is None:
                continue
            if tied == "asked" and not _version("transformers", source, run).always_below("5.0"):
                severity = Severity.hint
            seen.add(act.site)
            place = names.place(config.site, "named here")
            said = f"(line {place.line}) is merged into a base that ties lm_head to the input embeddings"
            message = f"LoRA on {lora[0] if lora else ''} {said}, and changes the other end of the pair as well"
            if not lora:
                message = f"the full copy of {copied[0]} {said}; before PEFT {_MENDED_IN} loading it ties the two again"
            yield RULE.finding(message, names.place(act.site), severity=severity, related=(place,))


def _version(package: str, source: Source, run: Run) -> Requirement:
    return version_of(package, source.path, source.pip_lines, run.versions, run.kernel)


def _only_wrap(model: Object, names: Names) -> Act | None:
    wraps = {it.act for it in names.history.events(model, WRAPPED) if it.act is not None}
    wrap = wraps.pop() if len(wraps) == 1 else None
    return wrap if wrap is not None and wrap.call == "peft.get_peft_model" else None


def _config(wrap: Act) -> Act | None:
    """The call that made the config, where it can be no other and says all in its arguments."""
    given = wrap.argument("peft_config")
    made = [it.made if isinstance(it, Object) else None for it in given.values] if given is not None else []
    config = made[0] if len(made) == 1 else None
    known = config is not None and not any(it.name is None for it in config.arguments)
    return config if known and config is not None and config.call.endswith("Config") else None


def _named(config: Act, parameter: str) -> list[str]:
    """The ends of the pair that the parameter surely lists."""
    given = config.argument(parameter)
    value = given.values[0] if given is not None and len(given.values) == 1 else None
    if not isinstance(value, Items) or value.open:
        return []
    listed = [it[0].value for it in value.elements if len(it) == 1 and isinstance(it[0], Text)]
    return [it for it in listed if it.rpartition(".")[2] in _ENDS]


def _of_copies(
    act: Act, model: Object, copied: list[str], config: Act, source: Source, names: Names, run: Run
) -> Severity | None:
    """How much full copies matter: a merged and saved model is tied again, by the version of PEFT."""
    saved = any(names.history.before(act, it) for it in names.history.events(model, SAVED))
    if not copied or not saved or config.argument("ensure_weight_tying") is not None:
        return None
    version = _version("peft", source, run)
    if version.always_at_least(_MENDED_IN):
        return None
    return Severity.warning if version.always_below(_WRONG_BELOW) else Severity.hint


def _tied(model: Object, names: Names) -> str | None:
    """How the base is known to tie its embeddings: by its config or id, or as "asked" of the load; None if it is not.

    transformers 5 leaves two tensors apart that a checkpoint brings, whatever is asked.
    """
    bases = [it for it in model.wraps if isinstance(it, Object)]
    made = bases[0].made if len(bases) == 1 == len(model.wraps) else None
    if made is None or any(it.splat and it.name is None for it in made.arguments):
        return None
    given, name = made.argument("tie_word_embeddings"), base_name(bases[0])
    settings = [it for argument in made.arguments for it in argument.values if isinstance(it, Object)]
    said = [_said(it, names) for it in settings]
    if any(it is not None for it in said):
        return "config" if said == [True] else None
    if given is not None and given.values != (Constant("True"),):
        return None
    folders = names.folders((Text(name),)) if name is not None else []
    if folders:
        return "config" if len(folders) == 1 and _config_ties(Path(folders[0], "config.json")) else None
    if name is not None and _TIES.fullmatch(name.rpartition("/")[2]):
        return "id"
    return "asked" if given is not None else None


def _said(settings: Object, names: Names) -> bool | None:
    """What the code sets `tie_word_embeddings` of a config to; None where it leaves it, or sets it in turns."""
    sets = [it.site for it in settings.events if (it.kind, it.detail) == ("assigned", "tie_word_embeddings")]
    written = [_SAYS.match(names.cell(site).masked, site.end) for site in sets]
    said = {it[1] if it is not None else "" for it in written}
    return {"True": True, "False": False}.get(said.pop()) if len(said) == 1 else None


def _config_ties(path: Path) -> bool:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("tie_word_embeddings") is True
