"""The pydantic model of adapter_config.json: what PEFT takes, no stricter.

Every type here was measured by loading a tiny adapter with PEFT 0.21.2 (tests/test_config.py repeats it): a value that
loads and gives the trained output is valid, however odd. So `null` switches, repeated list entries, an object in place
of a list of names, float alphas and a negative dropout all pass; `rank_pattern: null` does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapterlint.artifacts import config_values as values
from adapterlint.artifacts.config import FieldError, escaped
from adapterlint.artifacts.config_values import shown
from adapterlint.knowledge.peft_types import TARGETING_TYPES


def field_errors(data: dict[str, Any]) -> tuple[FieldError, ...]:
    """The faults of the values in `data`, in its order of keys; a type is judged by the fields it is known to share."""
    kind = data.get("peft_type")
    kind = kind if isinstance(kind, str) else ""
    model = _LoraFields if kind == "LORA" else _TargetingFields if kind in TARGETING_TYPES else _CommonFields
    try:
        model.model_validate(data)
    except ValidationError as error:
        found = [_field_error(it) for it in error.errors(include_url=False, include_input=False)]
        order = list(data)
        return tuple(sorted(found, key=lambda it: order.index(it.pointer.split("/")[1])))
    return () if kind != "LORA" else tuple(_together(data))


def _field_error(error: Any) -> FieldError:
    field, context = error["loc"][0], error["ctx"]
    pointer = "".join(f"/{escaped(str(part))}" for part in (field, *context["path"]))
    name = field + "".join(f"[{shown(part)}]" for part in context["path"])
    return FieldError(pointer, f"{name} is {error['msg']}", context["severity"], context["status"], context["dated"])


_Subconfig = Annotated[Any, AfterValidator(values.subconfig)]
_Switch = Annotated[Any, AfterValidator(values.switch)]


class _CommonFields(BaseModel):
    """What every PEFT config has. Unknown keys pass: PEFT drops them with a warning."""

    model_config = ConfigDict(extra="ignore")

    task_type: Annotated[Any, AfterValidator(values.task_type)] = None
    base_model_name_or_path: Annotated[Any, AfterValidator(values.base_name)] = None


class _TargetingFields(_CommonFields):
    """What the configs of all types that pick modules share."""

    target_modules: Annotated[Any, AfterValidator(values.target_modules)] = None


class _LoraFields(_TargetingFields):
    """`LoraConfig` of PEFT 0.21.2, leniently. Sub-configs are objects whose insides are not judged."""

    r: Annotated[Any, AfterValidator(values.rank)] = 8
    lora_alpha: Annotated[Any, AfterValidator(values.alpha)] = 8
    lora_dropout: Annotated[Any, AfterValidator(values.dropout)] = 0.0
    bias: Annotated[Any, AfterValidator(values.bias)] = "none"
    exclude_modules: Annotated[Any, AfterValidator(values.exclude_modules)] = None
    modules_to_save: Annotated[Any, AfterValidator(values.modules_to_save)] = None
    rank_pattern: Annotated[Any, AfterValidator(values.rank_pattern)] = Field(default_factory=dict)
    alpha_pattern: Annotated[Any, AfterValidator(values.alpha_pattern)] = Field(default_factory=dict)
    layers_to_transform: Annotated[Any, AfterValidator(values.layers_to_transform)] = None
    layers_pattern: Annotated[Any, AfterValidator(values.layers_pattern)] = None
    init_lora_weights: Annotated[Any, AfterValidator(values.init)] = True
    layer_replication: Annotated[Any, AfterValidator(values.replication)] = None
    target_parameters: Annotated[Any, AfterValidator(values.parameters)] = None
    trainable_token_indices: Annotated[Any, AfterValidator(values.tokens)] = None
    alora_invocation_tokens: Annotated[Any, AfterValidator(values.invocation)] = None
    use_rslora: _Switch = False
    use_dora: _Switch = False
    lora_bias: Annotated[Any, AfterValidator(values.merge_switch)] = False
    eva_config: _Subconfig = None
    corda_config: _Subconfig = None
    lora_ga_config: _Subconfig = None
    kasa_config: _Subconfig = None
    velora_config: _Subconfig = None
    arrow_config: _Subconfig = None
    use_bdlora: _Subconfig = None


def _together(data: dict[str, Any]) -> Iterator[FieldError]:
    """Values that are right alone and refused together (LoraConfig.__post_init__)."""
    get = data.get
    if isinstance(get("target_modules"), str):
        for name in ("layers_to_transform", "layers_pattern"):
            if get(name) is not None:
                needs = "which PEFT refuses beside a target_modules that is a string"
                yield FieldError(f"/{name}", f"{name} is {shown(get(name))}, {needs}")
    elif get("layers_pattern") and get("layers_to_transform") is None:
        message = f"layers_pattern is {shown(get('layers_pattern'))}, which PEFT refuses without layers_to_transform"
        yield FieldError("/layers_pattern", message)
    if get("target_modules") in ([], {}, "") and not get("target_parameters"):
        message = f"target_modules is {shown(get('target_modules'))}, so that PEFT finds nothing to adapt"
        yield FieldError("/target_modules", message)
    if get("lora_bias") and get("use_dora"):
        yield FieldError("/lora_bias", "lora_bias is on together with use_dora, which PEFT refuses")
    elif get("lora_bias") and get("init_lora_weights", True) not in (True, False):
        message = f"lora_bias is on with init_lora_weights {shown(get('init_lora_weights'))}, which PEFT refuses"
        yield FieldError("/lora_bias", message)
    if get("use_dora") and get("megatron_config"):
        yield FieldError("/use_dora", "use_dora is on together with megatron_config, which PEFT refuses")
    if get("init_lora_weights") == "loftq" and not get("loftq_config"):
        yield FieldError(
            "/init_lora_weights", 'init_lora_weights is "loftq" without a loftq_config, which PEFT refuses'
        )
