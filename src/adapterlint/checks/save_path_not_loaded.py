"""An adapter is trained and saved to one folder, and what is loaded afterwards to be used is another one.

Where the other folder is left over from an earlier run, or belongs to another experiment, nothing fails: the numbers
are those of an adapter that this code did not train, and training longer changes nothing. A letter is enough (output
and outputs), or two constants of which one was renamed.

A name for the adapter does the same, loudly: `get_peft_model(base, config, adapter_name="support")` makes
`save_pretrained("out")` write `out/support/adapter_config.json`, and `PeftModel.from_pretrained(base, "out")` raises
"Can't find 'adapter_config.json'" (measured with peft 0.12, 0.18 and 0.21).

Silent where the saved folder is read anywhere, where the trained model itself is run after the save, where a path is
not written out, and where files are copied or other programs started.

To mend it, give both calls the same variable. An adapter with a name of its own is loaded from the folder of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.trails import elsewhere
from adapterlint.model import Applicability, Example, Fix, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.histories.trails import Trail
    from adapterlint.model import Finding
    from adapterlint.names import Names

_TRAIN = """\
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = get_peft_model(base, LoraConfig(r=8, task_type="CAUSAL_LM"))
model(**batch).loss.backward()
optimizer.step()
"""
_NAMED = _TRAIN.replace('"CAUSAL_LM"))', '"CAUSAL_LM"), adapter_name="support")')
_SAVE = 'model.save_pretrained("outputs/support")\n'
_BASE = 'base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'

RULE = Rule(
    id="save-path-not-loaded",
    family="source",
    severity=Severity.warning,
    summary="an adapter is trained and saved to one folder, and another folder is loaded to be used",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.save_pretrained",),
    examples=(
        Example(
            title="one letter",
            cells=(_TRAIN, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "output/support")\n'),
        ),
        Example(
            title="a name of its own is a folder of its own",
            cells=(_NAMED, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "outputs/support")\n'),
            fixed=(_NAMED, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "outputs/support/support")\n'),
        ),
        Example(
            title="the same folder, spelled otherwise",
            fires=0,
            cells=(_TRAIN, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "./outputs/support/")\n'),
        ),
        Example(
            title="the earlier one is loaded to be compared with it",
            fires=0,
            cells=(
                _TRAIN,
                _SAVE,
                _BASE + 'old = PeftModel.from_pretrained(base, "outputs/support-v1")\n',
                _BASE + 'new = PeftModel.from_pretrained(base, "outputs/support")\n',
            ),
        ),
        Example(
            title="the trained model goes on, another adapter comes beside it",
            fires=0,
            cells=(
                _TRAIN,
                _SAVE,
                "answer = model.generate(**inputs)\n",
                _BASE + 'other = PeftModel.from_pretrained(base, "outputs/style")\n',
            ),
        ),
        Example(
            title="an adapter of the Hub",
            fires=0,
            cells=(_TRAIN, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "someone/llama-support")\n'),
        ),
        Example(
            title="a checkpoint below the folder",
            fires=0,
            cells=(_TRAIN, _SAVE, _BASE + 'model = PeftModel.from_pretrained(base, "outputs/support/best")\n'),
        ),
    ),
)


def check(names: Names) -> Iterator[Finding]:
    """Report each such load, once."""
    seen = set()
    for it in elsewhere(names):
        if it.load.site in seen:
            continue
        seen.add(it.load.site)
        save = names.place(it.save.site, "saved here")
        if it.named:
            message = (
                f'"{it.read}" is loaded, but the adapter is named {it.named} and was saved '
                f'to "{it.written}" (line {save.line})'
            )
        else:
            message = (
                f'"{it.read}" is loaded, but the adapter was trained and saved to "{it.written}" (line {save.line})'
            )
        yield RULE.finding(message, names.place(it.load.site), related=(save,), fix=_fix(it, names))


def _fix(it: Trail, names: Names) -> Fix | None:
    """The folder of the adapter's name, where the path is written at the load itself."""
    given = next((each for each in it.load.arguments if each.values == it.load.adapter), None)
    if not it.named or given is None:
        return None
    written = names.cell(given.site).text[given.site.start : given.site.end]
    if written[:1] not in "\"'" or written[1:-1] != it.read:
        return None
    edit = names.edit(given.site, f"{written[0]}{it.written}{written[0]}")
    return Fix("load the folder of the adapter's name", Applicability.unsafe, (edit,), "reads another folder")
