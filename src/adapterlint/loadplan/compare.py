"""What PEFT will load of an adapter: the keys its layers expect against the keys of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from adapterlint.knowledge.base_models import HEADS, INPUT_EMBEDDINGS, OUTPUT_EMBEDDINGS
from adapterlint.knowledge.keys import OWN_NAMES, PEFT_PREFIX, TARGETLESS_TYPES
from adapterlint.loadplan.expect import expect
from adapterlint.loadplan.keyform import KeyForm, form_of, keyform, split
from adapterlint.loadplan.rename import in_model, incoming, saved_as
from adapterlint.loadplan.select import Selector, Undecidable
from adapterlint.loadplan.view import is_headed, view

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.loadplan.expect import Expectation


_OTHERWISE = TARGETLESS_TYPES | {"POLY"}
"""PEFT types that do not choose modules by `target_modules`."""

_TOKENS = "trainable_tokens_delta"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A tensor that does not fit: its name, its shape and the one PEFT expects."""

    name: str
    shape: tuple[int, ...]
    wanted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `PeftModel.from_pretrained` makes of the tensors of a file, by name.

    `landed` go into adapter layers, saved modules or trained tokens; `overwriting` onto parameters of the base;
    `unexpected` nowhere; `missing` are names the file should have. With `base` None only what the names imply is
    known: nothing is missing then, and `overwriting` holds the plain tensors that would land on a base that has them.
    `modules` are the paths that get layers; `unmatched` the entries of `target_modules` that match none of them.
    `unsaved` are modules the config saves and the file lacks, for which PEFT raises a KeyError; `raises` says why the
    layers cannot be built. `elsewhere` is set where the base has the modules of the file under another path.
    """

    landed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    overwriting: tuple[str, ...] = ()
    mismatched: tuple[Mismatch, ...] = ()
    unsaved: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    raises: str = ""
    base: Base | None = None
    elsewhere: tuple[str, str] | None = None


def plan(config: Config, weights: Weights, base: Base | None) -> Plan | None:
    """What PEFT loads of an adapter, None where it is not known.

    So for keys of a wrapper (wrapper-prefix tells those), configs that cannot be followed, and types without target
    modules. Types other than LoRA select their modules alike and name their keys otherwise, so of them only what the
    names imply is planned, as for a base whose parameters transformers renames while loading.
    """
    kind = config.peft_type
    if kind not in OWN_NAMES or kind in _OTHERWISE or config.errors:
        return None
    if keyform(weights.tensors) is not KeyForm.peft:
        return None
    if base is not None and (base.is_renamed or kind != "LORA"):
        base = None
    try:
        if base is None:
            return _implied(config, weights)
        shown, elsewhere = view(base, config, weights.tensors)
        anew = shown is not base and is_headed(shown.architecture)
        if anew and config.get("bias") == "all":
            return None  # among them are those of a head that no file holds
        return _against(config, weights, shown, elsewhere, _heads(config, shown, anew=anew))
    except Undecidable:
        return None


def _against(
    config: Config, weights: Weights, base: Base, elsewhere: tuple[str, str] | None, heads: tuple[str, ...]
) -> Plan:
    selector = Selector(config, base)
    built = expect(config, base, selector)
    if built.raises:
        return Plan(raises=built.raises, base=base, elsewhere=elsewhere, unmatched=unmatched(selector, base.paths))
    loading = Loading(built, incoming_to(built), heads)
    for name, tensor in weights.tensors.items():
        loading.put(name, tensor.shape)
    return planned(loading, selector, base, elsewhere)


def planned(loading: Loading, selector: Selector, base: Base, elsewhere: tuple[str, str] | None = None) -> Plan:
    """The plan of a file whose tensors have all been sorted in."""
    built = loading.built
    return Plan(
        landed=tuple(loading.landed),
        missing=tuple(saved_as(key) for key in built.adapter if key not in loading.found),
        unexpected=tuple(loading.unexpected),
        overwriting=tuple(loading.overwriting),
        mismatched=tuple(loading.mismatched),
        unsaved=tuple(key for key in built.saved if key not in loading.found),
        modules=built.modules,
        unmatched=unmatched(selector, built.modules),
        base=base,
        elsewhere=elsewhere,
    )


def incoming_to(built: Expectation) -> Callable[[str], str]:
    """PEFT's renaming: to the key a tensor of that name has in `built`."""
    spelled = {in_model(key): key for key in built.adapter}

    def key_of(name: str) -> str:
        key = incoming(name)
        return spelled.get(key, key)

    return key_of


class Loading:
    """Where each tensor of a file goes. `heads` begin the keys of heads that transformers makes anew."""

    def __init__(self, built: Expectation, key_of: Callable[[str], str], heads: tuple[str, ...] = ()) -> None:
        self.built, self.heads, self.key_of = built, heads, key_of
        self.expected = {**built.adapter, **built.saved}
        self.found: set[str] = set()
        self.landed: list[str] = []
        self.unexpected: list[str] = []
        self.overwriting: list[str] = []
        self.mismatched: list[Mismatch] = []

    def put(self, name: str, shape: tuple[int, ...]) -> None:
        """Sort one tensor in."""
        key = self.key_of(name)
        if key in self.expected:
            self.found.add(key)
            choices = self.built.choices.get(key, ())
            wanted, into = self.expected[key], self.landed
            if wanted is None and choices and shape not in choices:
                wanted = choices[0]
        elif key in self.built.base:
            wanted, into = self.built.base[key], self.overwriting
        else:
            wanted, into = None, self.landed if key.startswith(self.heads) else self.unexpected
        if wanted is not None and wanted != shape:
            self.mismatched.append(Mismatch(name, shape, wanted))
        else:
            into.append(name)


def _heads(config: Config, base: Base, *, anew: bool) -> tuple[str, ...]:
    """How keys of heads begin that the base's file lacks and transformers makes anew: those of the task.

    With `anew`, where a class with a head loads a file without one, all that the config saves and the file lacks.
    """
    names = HEADS.get(str(config.get("task_type")), ()) + (Selector(config, base).modules_to_save if anew else ())
    return tuple(f"{PEFT_PREFIX}{name}." for name in names if name not in base.paths)


def _implied(config: Config, weights: Weights) -> Plan:
    """What the names alone imply. A module path decides by itself whether the config selects it."""
    selector = Selector(config, None)
    tying = config.get("ensure_weight_tying") is True  # PEFT then treats the other end as it does the one named
    selected = lru_cache(maxsize=16)(partial(_is_selected, selector, tying))  # the factors of a module lie side by side
    tokens = config.peft_type != "LORA" or config.get("trainable_token_indices") is not None
    landed: list[str] = []
    unexpected: list[str] = []
    overwriting: list[str] = []
    modules: dict[str, None] = {}
    for name in weights.tensors:
        part = split(name)
        if part is None:
            explained = _is_explained(name, selector) or (tying and _is_embedding(name.rpartition(".")[0]))
            (landed if explained else overwriting).append(name)
        elif form_of(name) is not KeyForm.peft:
            continue
        elif not part.prefix or (tokens if part.factor == _TOKENS else selected(part.module)):
            landed.append(name)
            modules[part.module] = None
        else:
            unexpected.append(name)
    return Plan(
        landed=tuple(landed),
        unexpected=tuple(unexpected),
        overwriting=tuple(overwriting),
        modules=tuple(modules),
        unmatched=unmatched(selector, modules),
    )


def _is_embedding(path: str) -> bool:
    """Whether the path is that of input or output embeddings, one of which may be tied to the other."""
    return path.rpartition(".")[2] in INPUT_EMBEDDINGS | OUTPUT_EMBEDDINGS


def _is_selected(selector: Selector, tying: bool, module: str) -> bool:
    if tying and _is_embedding(module):
        return True
    if selector.parameters:
        inner = module.replace(".base_layer", "")
        # a parameter named without its module may be any module's: PEFT itself writes ["gate_up_proj", "down_proj"]
        if any(not path or inner == path or inner.endswith(f".{path}") for path in _owners(selector.parameters)):
            return True
    # without the base, all-linear means whatever there is, save what modules_to_save takes
    return selector.is_all_linear or selector.selects(module)


def _owners(parameters: Iterable[str]) -> Iterator[str]:
    return (parameter.rpartition(".")[0] for parameter in parameters)


def _is_explained(name: str, selector: Selector) -> bool:
    path = name.removeprefix(PEFT_PREFIX).rpartition(".")[0]
    while path:
        if selector.saves(path):
            return True
        path = path.rpartition(".")[0]
    return False


def unmatched(selector: Selector, modules: Iterable[str]) -> tuple[str, ...]:
    """The entries of `target_modules` that match none of `modules`."""
    if isinstance(selector.targets, str):
        return ()
    paths = tuple(modules)
    return tuple(entry for entry in selector.targets if not any(selector.selects_by(entry, path) for path in paths))
