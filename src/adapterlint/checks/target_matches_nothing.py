"""An entry of `target_modules` matches no module. While other entries match, PEFT says nothing: it raises only when
no module at all is found, and then the adapter cannot be loaded.

That is often harmless, since lists are shared between models that name their layers differently; it is a sign of a
misspelt name, or of a config for another model, when the entry was meant.

To mend it, take the entry out, or spell it as the base model's own modules are spelled (`print(model)` lists
them).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.artifacts.config_values import shown
from adapterlint.loadplan.reading import causes
from adapterlint.model import Example, Rule, Severity, Status
from adapterlint.model.samples import BASE, CONFIG, SELF, pair

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.loadplan.compare import Plan
    from adapterlint.model import Finding


RULE = Rule(
    id="target-matches-nothing",
    family="load",
    severity=Severity.error,
    summary="target modules that match no module",
    why=__doc__ or "",
    examples=(
        Example(
            "one entry matches nothing, another does",
            config={**CONFIG, "target_modules": ["query", "q_proj"]},
            tensors=pair(f"{SELF}.query"),
            severity=Severity.hint,
        ),
        Example(
            "nothing in the base matches",
            config={**CONFIG, "target_modules": ["q_proj"]},
            tensors=pair("layers.0.q_proj"),
            base=BASE,
            status=Status.unreadable,
        ),
        Example("every entry matches", fires=0, config=CONFIG, tensors=pair(f"{SELF}.query")),
        Example(
            "a longer entry names the same module",
            fires=0,
            config={**CONFIG, "target_modules": ["query", "self.query"]},
            tensors=pair(f"{SELF}.query"),
        ),
    ),
)


def check(config: Config, plan: Plan) -> Iterator[Finding]:
    """One finding; an error only where PEFT raises."""
    targets = config.get("target_modules")
    if plan.raises and plan.base is not None:
        message = f"PEFT cannot put its layers around {plan.base.path}: {plan.raises}"
        pointer = "/trainable_token_indices" if "tokens" in plan.raises else "/target_modules"
        yield RULE.finding(message, config.place(pointer), status=Status.unreadable)
    elif plan.unmatched and plan.modules and isinstance(targets, list) and not causes(plan, config).unselected:
        if len(plan.unmatched) == len(set(targets)):
            return
        entries = ", ".join(map(shown, plan.unmatched[:3])) + (", …" if len(plan.unmatched) > 3 else "")
        where = "the base has" if plan.base is not None else "the file holds"
        message = f"{entries} in target_modules matches no module that {where}, while other entries do"
        place = config.place(f"/target_modules/{targets.index(plan.unmatched[0])}")
        yield RULE.finding(message, place, severity=Severity.hint)
