"""What is inside one adapter: read for a person, not judged. `session` gives the verdict that stands above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from adapterlint.artifacts import config as configs
from adapterlint.artifacts import weights as tables
from adapterlint.discover import discover, spelled
from adapterlint.errors import UsageError
from adapterlint.loadplan.keyform import split
from adapterlint.loadplan.pairs import is_lora, layout
from adapterlint.loadplan.strength import strengths
from adapterlint.model import Broken, Inspection, Module, TargetKind
from adapterlint.session import check

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Target, Verdict
    from adapterlint.settings import Settings


_T = TypeVar("_T")


def inspect(path: str, settings: Settings) -> Inspection:
    """The adapter at `path`, a folder or a file of one. Raises UsageError where there is none, or it cannot be read."""
    target = _only(spelled(path), settings)
    config = _read(configs.read(target.config)) if target.config is not None else None
    if config is not None and not config.is_peft and not (target.weights or target.pickled):
        raise UsageError(f"{target.path} holds no adapter of PEFT: its config is {config.looks_like}")
    if not (target.weights or target.pickled):
        raise UsageError(f"{target.path} holds a config and no weights", "adapterlint check says more")
    weights = _read(tables.read(target.weights, target.pickled))
    return _inspection(target, config, weights, _verdict(target, settings))


def _only(path: str, settings: Settings) -> Target:
    """The one adapter that is meant by `path`."""
    found = discover([path], settings)
    if found.missing:
        raise UsageError(f"no such file or folder: {path}")
    adapters = [target for target in found.targets if target.kind is TargetKind.adapter]
    own = [target for target in adapters if target.path == path]
    if len(own or adapters) == 1:
        return (own or adapters)[0]
    if adapters:
        named = ", ".join(target.path for target in adapters[:3]) + (", …" if len(adapters) > 3 else "")
        raise UsageError(
            f"{path} holds {len(adapters)} adapters, and one can be inspected at a time", f"such as {named}"
        )
    if any(target.kind is TargetKind.model for target in found.targets):
        raise UsageError(f"{path} holds a full model, and no adapter")
    raise UsageError(
        f"there is no adapter in {path}", "an adapter has adapter_config.json and adapter_model.safetensors"
    )


def _read(artifact: _T | Broken) -> _T:
    if isinstance(artifact, Broken):
        raise UsageError(f"{artifact.path} is {artifact.reason}", artifact.hint)
    return artifact


def _verdict(target: Target, settings: Settings) -> Verdict:
    """What `check` says of this adapter alone, adapters below its folder left out."""
    file = target.path if target.lone else target.config or (*target.weights, *target.pickled)[0]
    report = check([file], replace(settings, select=None, ignore=(), per_path_ignores=(), exclude=()))
    return next(verdict for verdict in report.verdicts if verdict.path == target.path)


def _inspection(target: Target, config: Config | None, weights: Weights, verdict: Verdict) -> Inspection:
    modules = _modules(config, weights)
    dtypes: Counter[str] = Counter()
    for tensor in weights.tensors.values():
        dtypes[tensor.dtype] += tensor.elements
    owned = {name for name in weights.tensors if (part := split(name)) is not None and part.module}
    return Inspection(
        verdict=verdict,
        type=None if config is None else config.peft_type or config.looks_like,
        base=None if config is None else _text(config.get("base_model_name_or_path")),
        flags=_flags(config),
        ranks=tuple(sorted({module.rank for module in modules if module.rank is not None})),
        scalings=tuple(sorted({module.scaling for module in modules if module.scaling is not None})),
        targets=_targets(config),
        files=weights.files,
        parameters=sum(dtypes.values()),
        bytes=weights.nbytes,
        dtypes=dict(dtypes.most_common()),
        modules=modules,
        beside=tuple(name for name in weights.tensors if name not in owned),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _flags(config: Config | None) -> tuple[str, ...]:
    if config is None:
        return ()
    known = {"use_dora": "DoRA", "use_rslora": "rsLoRA", "use_qalora": "QALoRA", "lora_bias": "lora_bias"}
    flags = [word for field, word in known.items() if config.get(field) is True]
    init = config.get("init_lora_weights")
    return (*flags, *([f"init {init}"] if isinstance(init, str) else []))


def _targets(config: Config | None) -> tuple[str, ...]:
    value = None if config is None else config.get("target_modules")
    if isinstance(value, str):
        return (value,)
    return tuple(dict.fromkeys(item for item in value if isinstance(item, str))) if isinstance(value, list) else ()


def _modules(config: Config | None, weights: Weights) -> tuple[Module, ...]:
    """Every module that a tensor of an adapter belongs to, in the order of the file."""
    elements: dict[str, int] = {}
    for name, tensor in weights.tensors.items():
        part = split(name)
        if part is not None and part.module:
            elements[part.module] = elements.get(part.module, 0) + tensor.elements
    kinds = _kinds(elements)
    found = {module: Module(module, *kinds[module], parameters=number) for module, number in elements.items()}
    if is_lora(weights, config):
        for pair in layout(weights.tensors).complete:
            rank, scaling = (None, None) if config is None else (config.rank(pair.module), config.scaling(pair.module))
            found[pair.module] = replace(found[pair.module], rank=rank, scaling=scaling)
    for it in strengths(weights, config):
        found[it.pair.module] = replace(
            found[it.pair.module],
            rank=it.rank,
            scaling=it.scaling if config is not None else None,
            strength=it.norm,
            effective_rank=it.effective_rank,
            zeros=it.zeros,
        )
    return tuple(found.values())


def _kinds(modules: Iterable[str]) -> dict[str, tuple[str, int | None]]:
    """Kind and layer of each module: the path behind the layer's number, and what stands before where that varies."""
    parts: dict[str, tuple[str, str, int | None]] = {}
    for module in modules:
        names = module.split(".")
        at = next((index for index, name in enumerate(names) if name.isdecimal()), None)
        starred = ["*" if name.isdecimal() else name for name in names]
        if at is None:
            parts[module] = "", module, None
        else:
            parts[module] = ".".join(starred[:at]), ".".join(starred[at + 1 :]) or names[at - 1], int(names[at])
    before: dict[str, set[str]] = {}
    for prefix, kind, _ in parts.values():
        before.setdefault(kind, set()).add(prefix)
    return {
        module: (kind if len(before[kind]) == 1 or not prefix else f"{prefix}.*.{kind}", layer)
        for module, (prefix, kind, layer) in parts.items()
    }
