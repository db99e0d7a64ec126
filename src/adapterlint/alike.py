"""Adapters that no rule can tell apart but by their values or their path: what is silent on one is silent on all.

The checkpoints of a run and the adapters of a sweep have one config, one header and values that are unremarkable in
the same way. A rule says by the names of its parameters what it reads; one that reads config, header and load plan only
and found nothing need not be asked again, nor one that looked at no more of the values than their profile. What looks
at single values, at a path, or has something to report is asked every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapterlint.inputs import Inputs
    from adapterlint.model import Rule, Run, Verdict

READS = frozenset({"target", "config", "weights", "plan", "base", "listing", "broken"})
"""What a rule may read to be silent on all adapters that are alike."""
MOST, HEADERS = 512, 64  # kinds of adapters, and headers among them, that are remembered at a time


class Kind:
    """What is known of adapters that are alike: the rules still to be asked, and the verdict without findings."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.verdict: Verdict | None = None

    def leave_out(self, silent: Sequence[Rule]) -> None:
        """Ask these rules no more. Two threads may both do so: each makes a new list."""
        done = set(map(id, silent))  # comparing rules would compare all their examples
        self.rules = [rule for rule in self.rules if id(rule) not in done]


class Alike:
    """The kinds of adapters met so far in one run."""

    def __init__(self, run: Run) -> None:
        # of all that is in a run, only its loads concern a single adapter
        self.reads = READS if run.loads else READS | {"run"}
        self._kinds: dict[tuple[object, ...], Kind] = {}
        self._kept: dict[int, object] = {}

    def kind(self, inputs: Inputs, rules: Sequence[Rule]) -> Kind | None:
        """The kind of this adapter; None where something is broken, missing or unusual."""
        signature, weights = inputs.signature, inputs.weights
        if signature is None or weights is None:
            return None
        key = (*signature, weights.profile.key)
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= MOST or len(self._kept) >= HEADERS:
                self._kinds, self._kept = {}, {}  # where no two are alike, remembering costs memory and nothing else
            memo = getattr(weights.tensors, "memo", None)
            self._kept[id(memo)] = memo  # an identity in the signature stands for what must not be freed
            kind = self._kinds[key] = Kind(rules)
        return kind
