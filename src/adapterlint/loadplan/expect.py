"""Which keys PEFT expects in a LoRA file, and of which shape, once it has built its layers around a base model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapterlint.artifacts.base import Kind
from adapterlint.knowledge.keys import PEFT_PREFIX
from adapterlint.loadplan.rename import ADAPTER
from adapterlint.loadplan.select import Undecidable

if TYPE_CHECKING:
    from adapterlint.artifacts.base import Base, Module
    from adapterlint.artifacts.config import Config
    from adapterlint.loadplan.select import Selector

Shape = tuple[int, ...] | None

_VARIANTS = (
    "use_bdlora", "use_qalora", "kasa_config", "velora_config", "monteclora_config", "arrow_config",
    "layer_replication", "ensure_weight_tying", "megatron_config",
)  # fmt: skip

_NOT_PACKED = ("lora_dropout", "fan_in_fan_out", "lora_bias", "use_dora")


@dataclass(slots=True)
class Expectation:
    """What PEFT has built. Keys are as a file spells them, `base_model.model.` included.

    `adapter` maps the keys of adapter layers, `saved` those of `modules_to_save` and trained tokens, to shapes;
    `base` the keys under which the base's own parameters then stand; `choices` holds, for keys whose shape is not
    certain, the shapes it can be. `inside` maps the keys of `saved` to where they stand in the model, without
    `base_model.model.`. `raises` says why it could not be built.
    """

    modules: tuple[str, ...] = ()
    adapter: dict[str, Shape] = field(default_factory=dict)
    saved: dict[str, Shape] = field(default_factory=dict)
    base: dict[str, Shape] = field(default_factory=dict)
    choices: dict[str, tuple[Shape, ...]] = field(default_factory=dict)
    inside: dict[str, str] = field(default_factory=dict)
    raises: str = ""


def expect(config: Config, base: Base, selector: Selector) -> Expectation:
    """Build the adapter layers as PEFT's `inject_adapter` does. Raises Undecidable for variants not followed."""
    if any(config.get(variant) for variant in _VARIANTS):
        raise Undecidable
    return _Injection(config, base, selector).done()


class _Injection:
    def __init__(self, config: Config, base: Base, selector: Selector) -> None:
        self.config, self.base, self.selector = config, base, selector
        self.out = Expectation()
        self.around: dict[str, str] = {}  # path of a wrapped module -> what stands before its own parameters

    def done(self) -> Expectation:
        selected = [path for path in sorted(self.base.paths) if self.selector.selects(path)]
        for path in selected:
            module = self.base.modules.get(path)
            if module is None or module.kind is Kind.other:
                what = "a block of layers" if module is None else module.kind.value
                self.out.raises = f"{path} is {what}"
                return self.out
            self.out.adapter.update((PEFT_PREFIX + key, shape) for key, shape in self._layer(path, module))
            if self.out.raises:
                return self.out
            self.around[path] = "base_layer"
        wrapped = self._parameters()
        if self.out.raises:
            return self.out
        if not selected and not wrapped:
            self.out.raises = "no module of the base matches"
            return self.out
        self.out.modules = (*selected, *wrapped)
        self._modules_to_save()
        self._tokens()
        self.out.base = {PEFT_PREFIX + self._moved(name): shape for name, shape in self.base.parameters.items()}
        return self.out

    def _layer(self, path: str, module: Module) -> Iterator[tuple[str, Shape]]:
        rank, shape = self.config.rank(path), module.shape
        if rank is None:
            raise Undecidable
        if module.kind is Kind.attention:
            raise Undecidable
        if module.kind is Kind.embedding:
            if self.config.get("lora_bias"):
                self.out.raises = f"{path} is an embedding, for which lora_bias is not supported"
            yield f"{path}.lora_embedding_A", shape and (rank, shape[0])
            yield f"{path}.lora_embedding_B", shape and (shape[1], rank)
            vector: Shape = shape and (shape[1],)
        elif module.kind is Kind.conv:
            assert shape is not None
            kernel = shape[2:]
            yield f"{path}.lora_A.weight", (rank, shape[1], *kernel)
            yield f"{path}.lora_B.weight", (shape[0], rank, *(1 for _ in kernel))
            vector = (1, shape[0], *(1 for _ in kernel))
        else:
            first, last = (1, 0) if module.kind is Kind.linear else (0, 1)
            yield f"{path}.lora_A.weight", shape and (rank, shape[first])
            yield f"{path}.lora_B.weight", shape and (shape[last], rank)
            vector = shape and (shape[last],)
        if self.config.get("lora_bias") and module.kind is not Kind.embedding:
            yield f"{path}.lora_B.bias", _last(vector)
        if self.config.get("use_dora"):
            yield f"{path}.lora_magnitude_vector.weight", vector

    def _parameters(self) -> list[str]:
        """Wrap the parameters that `target_parameters` names; two of one module lie one within the other."""
        found: dict[str, list[str]] = {}
        for name in self.base.parameters:
            if self.selector.parameters and self.selector.parameter_of(name):
                found.setdefault(name.rpartition(".")[0], []).append(name)
        for path, names in found.items():
            if path in self.around:
                raise Undecidable
            refused = [option for option in _NOT_PACKED if self.config.get(option)]
            if refused:
                self.out.raises = f"{names[0]} is a parameter, for which {refused[0]} is not supported"
            firsts, seconds = self._packed(names)
            for depth in range(len(names)):
                before = PEFT_PREFIX + path + ".base_layer" * depth
                for key, shapes in ((f"{before}.lora_A.weight", firsts), (f"{before}.lora_B.weight", seconds)):
                    self.out.adapter[key] = shapes[0] if len(shapes) == 1 else None
                    self.out.choices[key] = shapes
            self.around[path] = ".".join(["base_layer"] * len(names))
        return list(found)

    def _packed(self, names: list[str]) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
        """The shapes that the factors of wrapped parameters can have (ParamWrapper of PEFT), () where not known.

        Which of two parameters lies inside depends on the order they were made in, and whether a block of experts is
        (in, out) or (out, in) on its module: no file tells either.
        """
        firsts: dict[Shape, None] = {}
        seconds: dict[Shape, None] = {}
        for name in names:
            rank, shape = self.config.rank(name), self.base.parameters[name]
            if rank is None or shape is None or len(shape) not in (2, 3):
                return (), ()
            rows = rank * (shape[0] if len(shape) == 3 else 1)
            for given, made in ((shape[-1], shape[-2]), (shape[-2], shape[-1]))[: len(shape) - 1]:
                firsts[(rows, given)] = None
                seconds[(made, rows)] = None
        return tuple(firsts), tuple(seconds)

    def _modules_to_save(self) -> None:
        for path in sorted(self.base.paths):
            inside = any(path.startswith(other + ".") for other in self.around)
            if inside or not self.selector.saves(path):
                continue
            if path in self.around:
                raise Undecidable
            self.around[path] = "original_module"
            for name, shape in self.base.parameters.items():
                if name.startswith(path + "."):
                    self.out.saved[PEFT_PREFIX + name] = shape
                    own = name.removeprefix(path + ".")
                    self.out.inside[PEFT_PREFIX + name] = f"{path}.modules_to_save.{ADAPTER}.{own}"

    def _tokens(self) -> None:
        indices: Any = self.config.get("trainable_token_indices")
        if indices is None:
            return
        if not isinstance(indices, dict):
            name = self.base.input_embeddings or "embed_tokens"
            indices = {name.rpartition(".")[2]: indices}
        if len(indices) > 1 and self.base.tied:
            raise Undecidable
        for target, tokens in indices.items():
            matching = [path for path in sorted(self.base.modules) if path.endswith(target)]
            if not matching:
                self.out.raises = f"no module of the base ends in {target}, whose tokens are trained"
            for path in matching:
                if path in self.around:
                    raise Undecidable
                self.around[path] = "token_adapter.base_layer"
                shape = self.base.modules[path].shape
                number = len(tokens) if isinstance(tokens, list) else 0
                key = f"{PEFT_PREFIX}{path}.token_adapter.trainable_tokens_delta"
                self.out.saved[key] = (number, shape[1]) if shape and len(shape) == 2 else None
                self.out.inside[key] = f"{key.removeprefix(PEFT_PREFIX)}.{ADAPTER}"
                if path == self.base.input_embeddings:  # PEFT keeps what is tied to them in step
                    self.around.update(dict.fromkeys(self.base.tied, "token_adapter.base_layer"))

    def _moved(self, name: str) -> str:
        """Where the base's parameter `name` stands once its module is wrapped."""
        path, _, own = name.rpartition(".")
        after = own
        while path:
            if path in self.around:
                return f"{path}.{self.around[path]}.{after}"
            path, _, segment = path.rpartition(".")
            after = f"{segment}.{after}"
        return name


def _last(shape: Shape) -> Shape:
    """The output features of a magnitude vector, which for a convolution stand among ones."""
    return shape and (max(shape),)
