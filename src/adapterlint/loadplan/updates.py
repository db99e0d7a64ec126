"""What the factors of a module add up to, for every PEFT type: something, nothing, or nothing that can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapterlint.artifacts.remembered import remembered
from adapterlint.knowledge.keys import OWN_NAMES, SCALARS
from adapterlint.knowledge.updates import (
    EITHER_START,
    EYE,
    FIXED,
    FOREIGN_TERMS,
    NO_STARTS,
    PAIRS,
    PARTED,
    SCALES,
    STARTS,
    TERMS,
    TOGETHER,
)
from adapterlint.loadplan.keyform import keyform, split
from adapterlint.loadplan.pairs import all_of, is_empty, layout

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.knowledge.updates import Kill, Term
    from adapterlint.loadplan.keyform import Part

SHARED = "base_model"
"""The module under which tensors of the tuner itself come: `base_model.vera_A`."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The tensors of a file by module path and factor. `beside` are those that no factor of the type accounts for."""

    modules: Mapping[str, Mapping[str, tuple[str, ...]]]
    beside: tuple[str, ...]


@dataclass(slots=True)
class Sum:
    """Modules by what their update is. `dead` maps those that are nothing to what makes them so, with values.

    `first` is the first tensor that makes a module nothing, `beside` are tensors that no summand accounts for.
    """

    dead: dict[str, tuple[Kill, ...]] = field(default_factory=dict)
    alive: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    beside: tuple[str, ...] = ()
    first: str = ""
    kind: str = ""

    @property
    def total(self) -> int:
        """How many modules have an update of their own."""
        return len(self.dead) + len(self.alive) + len(self.unread)

    @property
    def where(self) -> str:
        """Which modules are nothing, in words."""
        if set(self.dead) <= {SHARED, ""}:
            return "throughout"
        if len(self.dead) < self.total:
            return f"in {len(self.dead)} of {self.total} modules"
        return f"in {all_of(self.total)}"

    @property
    def untrained(self) -> bool:
        """Whether every dead module is as the type starts."""
        starts = STARTS - NO_STARTS.get(self.kind, frozenset())
        return all(kill in starts for kills in self.dead.values() for kill, _ in kills)

    def words(self) -> str:
        """The values that make it nothing: "lora_E is zero", "boft_R is zero and boft_s is one"."""
        counted = Counter(kill for kills in self.dead.values() for kill in kills)
        said: dict[str, list[str]] = {}
        for factor, value in sorted(counted, key=lambda kill: (-counted[kill], str(kill[0]))):
            said.setdefault(_VALUES.get(value, f"{value}"), []).append(factor)
        parts = []
        for value, factors in said.items():
            names = ", ".join(factors[:-1]) + " and " + factors[-1] if factors[1:] else factors[0]
            parts.append(f"{names} {'are' if factors[1:] else 'is'} {value}")
        return " and ".join(parts)


_VALUES: dict[float | str, str] = {0.0: "zero", 1.0: "one", EYE: "the identity", PAIRS: "equal in pairs of columns"}


def kind_of(weights: Weights, config: Config | None) -> str:
    """The PEFT type whose factors the file holds; "" for a lone or foreign file, in which each module tells its own."""
    if config is not None and config.peft_type in OWN_NAMES and not keyform(weights.tensors).is_foreign:
        return config.peft_type or ""
    return ""


def factor_of(part: Part) -> str:
    """The factor as `knowledge.updates` spells it: with its part ("psoft_R.weight"), without a number in a list."""
    if part.factor in PARTED:
        return f"{part.factor}.{part.adapter or part.tail}"
    return part.factor


@remembered
def contents(names: Iterable[str], kind: str) -> Contents:
    """The tensors by module and factor. Scalars and PEFT's copies of targeted embeddings change nothing: left out."""
    known = _known(kind)
    modules: dict[str, dict[str, tuple[str, ...]]] = {}
    beside: list[str] = []
    for name in names:
        part = split(name)
        if part is None:
            if name.rpartition(".")[2] not in SCALARS and not name.endswith(".base_layer.weight"):
                beside.append(name)
            continue
        factor = factor_of(part)
        if factor not in known or (part.tail == "bias" and factor not in FIXED.get(kind, ())):
            beside.append(name)
            continue
        factors = modules.setdefault(part.module, {})
        factors[factor] = (*factors.get(factor, ()), name)
    return Contents(modules, tuple(beside))


def terms_of(kind: str) -> tuple[Term, ...]:
    """The summands of a type's update; those of all types for a file that does not name one."""
    return TERMS.get(kind, ()) if kind else (*FOREIGN_TERMS, *(term for terms in TERMS.values() for term in terms))


def _known(kind: str) -> frozenset[str]:
    """Factors that are part of a summand, or that change nothing by themselves."""
    fixed = FIXED.get(kind, ()) if kind else tuple(name for names in FIXED.values() for name in names)
    return frozenset(factor for term in terms_of(kind) for factor, _ in term) | set(fixed)


def add_up(weights: Weights, kind: str) -> Sum:
    """Every module's update. Reads values. Modules without a factor of any summand are left out."""
    inside = contents(weights.tensors, kind)
    found = Sum(beside=inside.beside, kind=kind)
    terms = terms_of(kind)
    shared = inside.modules.get(SHARED, {})
    # no tensor is zero or constant, so none holds the number that makes its summand nothing
    usual = not weights.profile.odd and all(value in (0, 1) for term in terms for _, value in term)
    for path, own in inside.modules.items():
        present = [term for term in terms if any(factor in own for factor, _ in term)]
        if not present or (path == SHARED and len(inside.modules) > 1 and not _stands_alone(own)):
            continue
        kills = [() if usual else _kill(weights, term, own, shared) for term in present]
        dead = [kill for kill in kills if kill]
        if len(dead) == len(kills):
            found.dead[path] = tuple(dead)
            factor = dead[0][0]
            found.first = found.first or (own.get(factor) or shared[factor])[0]
        else:
            (found.unread if None in kills else found.alive).append(path)
    return found


def lacking(weights: Weights, kind: str) -> dict[str, tuple[str, ...]]:
    """Module path -> factors it lacks although it has others that only come together with them."""
    found: dict[str, tuple[str, ...]] = {}
    names = (*weights.tensors, *weights.opaque) if weights.opaque else weights.tensors
    if kind in ("", "LORA"):
        halves = {pair.module: pair for pair in layout(names).pairs if not pair.is_complete}
        found = {path: (pair.factors[0 if pair.first is None else 1],) for path, pair in halves.items()}
    kinds = ("LOHA", "LOKR") if not kind else (kind,)
    groups = [[it.split("|") for it in group] for it in kinds for group in TOGETHER.get(it, ())]
    for path, own in _factors(names).items() if groups else ():
        started = [group for group in groups if any(own & set(member) for member in group)]
        missing = [member[0] for group in started for member in group if not own & set(member)]
        if missing and path != SHARED:
            found[path] = tuple(dict.fromkeys(missing))
    return found if names is weights.tensors else {it: found[it] for it in _factors(weights.tensors) if it in found}


def modules_of(weights: Weights) -> int:
    """How many modules have a factor in the file."""
    return len(_factors(weights.tensors).keys() - {SHARED, ""})


def start_of(factor: str, kind: str) -> str | None:
    """The value a new factor has throughout, in words; None if it is random."""
    if factor not in STARTS - EITHER_START or factor in NO_STARTS.get(kind, ()):
        return None
    terms = (*FOREIGN_TERMS, *(term for terms in TERMS.values() for term in terms))
    return next((_VALUES[value] for term in terms for kill, value in term if kill == factor), None)


def stands_alone(weights: Weights, kind: str, factor: str) -> bool:
    """Whether no summand that `factor` is not part of has a factor in the file."""
    present = {other for own in _factors(weights.tensors).values() for other in own}
    others = [{it for it, _ in term} for term in terms_of(kind)]
    return not any(term & present for term in others if factor not in term)


def _factors(names: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for part in map(split, names):
        if part is not None:
            found.setdefault(part.module, set()).add(factor_of(part))
    return found


def scaled_away(config: Config, kind: str, modules: Iterable[str]) -> bool:
    """Whether the config multiplies every module's update by zero."""
    if kind == "LORA":
        scalings = [config.scaling(module) for module in modules]
        return bool(scalings) and all(scaling == 0 for scaling in scalings)
    return any(config.get(name) == 0 and name in config.data for name in SCALES.get(kind, ()))


def _stands_alone(own: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether shared tensors are the trained part themselves (TinyLoRA) and not projections of the modules' own."""
    return "tinylora_v" in own


def _kill(
    weights: Weights, term: Term, own: Mapping[str, tuple[str, ...]], shared: Mapping[str, tuple[str, ...]]
) -> Kill | tuple[()] | None:
    """The factor that makes the summand nothing; () if none does, None if that cannot be told."""
    unsure = False
    for factor, value in term:
        names = own.get(factor) or shared.get(factor) or ()
        states = [_holds(weights, name, value) for name in names]
        if states and all(states):
            return factor, value
        unsure = unsure or (None in states and False not in states)
    return None if unsure else ()


def _holds(weights: Weights, name: str, value: float | str) -> bool | None:
    """Whether the tensor has `value` throughout; None if its values cannot be read."""
    tensor = weights.tensors[name]
    if is_empty(tensor.shape):
        return False
    zero = weights.is_zero(name)
    if zero is None or value == 0:
        return zero
    if zero or (value == 1 and weights.profile.odd.get(name) != "flat"):
        return False
    facts = weights.facts(name)
    if facts is None or facts.non_finite:
        return None if facts is None else False
    if value == 1:
        # Elements of magnitude one at most, whose squares add up to their number, are all one or minus one.
        return facts.max_abs == 1 and facts.sum_squares == facts.elements and _is(weights, name, 1)
    return _is(weights, name, value)


def _is(weights: Weights, name: str, value: float | str) -> bool | None:
    import numpy as np

    from adapterlint.artifacts.weights.values import read_values

    values = read_values(weights.tensors[name])
    if values is None:
        return None
    if value == PAIRS:
        even = values.ndim == 2 and values.shape[1] % 2 == 0
        return bool(even and np.array_equal(values[:, 0::2], values[:, 1::2]))
    if value == EYE:
        square = values.ndim == 2 and values.shape[0] == values.shape[1]
        return bool(square and np.array_equal(values, np.eye(len(values))))
    return bool((values == value).all())
