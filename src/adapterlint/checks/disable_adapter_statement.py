"""`model.disable_adapter()` as a statement makes a context manager, drops it, and disables nothing.

`PeftModel.disable_adapter` is a context manager: the layers are switched off when it is entered and on again when it is
left. Called as a statement it is never entered, so the next forward pass runs with the adapter, and what was to be the
baseline is the adapted model measured a second time. Measured with peft 0.12, 0.18 and 0.21: the outputs before and
after the statement are the same to the last bit, and nothing is said. `model.disable_adapter().__enter__()` is no
better: nobody holds the manager, so it is closed at once.

`disable_adapters()` of a transformers model is another thing: a switch, and right as a statement.

To mend it, put what is meant to run without the adapter inside `with model.disable_adapter():`. Where the adapter must
stay off beyond one block, call `model.disable_adapter_layers()` and later `model.enable_adapter_layers()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.model import Finding
    from adapterlint.names import Names

_LOAD = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
model = PeftModel.from_pretrained(base, "adapters/support")
"""

RULE = Rule(
    id="disable-adapter-statement",
    family="source",
    severity=Severity.warning,
    summary="disable_adapter() is called as a statement, so the adapter stays on",
    why=__doc__,
    references=("https://huggingface.co/docs/peft/package_reference/peft_model#peft.PeftModel.disable_adapter",),
    examples=(
        Example(
            title="the baseline is measured with the adapter on",
            cells=(_LOAD, "tuned = model(**batch).loss\n", "model.disable_adapter()\nbaseline = model(**batch).loss\n"),
        ),
        Example(
            title="entered by hand, and closed again before the next line",
            cells=(_LOAD, "model.disable_adapter().__enter__()\nbaseline = model(**batch).loss\n"),
        ),
        Example(
            title="entered by a with",
            fires=0,
            cells=(_LOAD, "with model.disable_adapter():\n    baseline = model(**batch).loss\n"),
        ),
        Example(
            title="kept open by an ExitStack",
            fires=0,
            cells=(
                _LOAD,
                "from contextlib import ExitStack\n\n"
                "with ExitStack() as stack:\n"
                "    stack.enter_context(model.disable_adapter())\n"
                "    baseline = model(**batch).loss\n",
            ),
        ),
        Example(
            title="the switch of a transformers model",
            fires=0,
            cells=(
                "from transformers import AutoModelForCausalLM\n\n"
                'model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")\n'
                'model.load_adapter("adapters/support")\n',
                "model.disable_adapters()\nbaseline = model(**batch).loss\n",
            ),
        ),
    ),
)

_MANAGER = "peft.PeftModel.disable_adapter"


def check(names: Names) -> Iterator[Finding]:
    """Report each place where the manager is made and let go."""
    for site in dict.fromkeys(act.site for act in names.calls(_MANAGER) if act.dropped or _entered_by_hand(act.node)):
        yield RULE.finding(
            "disable_adapter() makes a context manager that nothing enters, so the adapter stays on", names.place(site)
        )


def _entered_by_hand(node: SgNode | None) -> bool:
    """Whether the call stands in a statement `model.disable_adapter().__enter__()`."""
    asked = node.parent() if node is not None else None
    call = asked.parent() if asked is not None and asked.text().endswith(".__enter__") else None
    statement = call.parent() if call is not None else None
    return statement is not None and statement.kind() == "expression_statement"
