"""`base_model_name_or_path` does not lead to the base model. `PeftModel.from_pretrained(base, folder)` does not need it
(the base is in your hands then), so the adapter itself may be sound; but whoever loads by the folder alone needs it:
`AutoPeftModel`, transformers' and sentence-transformers' loading of adapter folders, and serving engines that compare
it with the model they run. They raise, ask the Hub for a repository of that name, or take the wrong base.

PEFT writes whatever the base was loaded from, so an adapter trained on a local copy names a folder of that machine;
and null, where the base was built from a config. That is normal and only noted. An empty string, a placeholder
("path/to/base_model", "<base>") and a path of Windows read on another system are warned of: no loader can follow them.

To mend it, write the id of the base on the Hub ("bert-base-uncased", "mistralai/Mistral-7B-v0.1") or the path where the
base lies now; `revision` beside it can pin a commit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, Rule, Severity

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.artifacts.weights import Weights
    from adapterlint.model import Finding

_REST: dict[str, Any] = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["query"]}


def _named(base: str | None) -> dict[str, Any]:
    return {**_REST, "base_model_name_or_path": base}


_CACHED = "/cache/hub/models--google--flan-t5-xl/snapshots/53fd1e22aa944eee1fd336f9aee8a437e01676ce"

RULE = Rule(
    id="base-path-unusable",
    family="config",
    severity=Severity.warning,
    summary="a base_model_name_or_path that does not lead to the base model",
    why=__doc__ or "",
    examples=(
        Example("empty", config=_named("")),
        Example("a placeholder", config=_named("path/to/base_model")),
        Example("a placeholder in brackets", config=_named("<BASE_MODEL>")),
        Example("nothing, written out", config=_named("None")),
        Example("null", config=_named(None), severity=Severity.info),
        Example(
            "a folder of the machine it was trained on", config=_named("/opt/models/llama"), severity=Severity.info
        ),
        Example("a relative folder", config=_named("./models/llama-3.2-3b-base"), severity=Severity.info),
        Example("a checkpoint folder", config=_named("outputs/run-7/checkpoint-500"), severity=Severity.info),
        Example("the Hub's cache of that machine", config=_named(_CACHED), severity=Severity.info),
        Example("a link", config=_named("https://huggingface.co/google/flan-t5-xl"), severity=Severity.info),
        Example("an id of the Hub", fires=0, config=_named("mistralai/Mistral-7B-Instruct-v0.2")),
        Example("an id without owner", fires=0, config=_named("bert-base-uncased")),
        Example("no such key", fires=0, config=_REST),
        Example(
            "a template without base and weights",
            fires=0,
            config={"peft_type": "LORA", "base_model_name_or_path": None},
        ),
    ),
    references=("https://github.com/huggingface/transformers/issues/25215",),
)

_WORDS = "none|null|nan|n/?a|todo|tbd|fixme|undefined|unknown|placeholder|changeme|change_me|xxx+|[?]+|[.]{3}"
_BRACKETED = r"<[^<>]*>|\$?\{.*\}|\[[^\[\]]*\]"
_TALK = r"[./\\]*path[/\\]to(?:[/\\].*)?|your[-_ ].*|(?:base[-_])?model[-_](?:name[-_]or[-_]path|name|path|id)"
_PLACEHOLDER = re.compile(f"{_WORDS}|{_BRACKETED}|{_TALK}", re.IGNORECASE | re.DOTALL)
ON_WINDOWS = os.name == "nt"
_WINDOWS = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|\.{1,2}\\)")
_CACHE = re.compile(r"[/\\]models--([\w.-]+?)--([\w.-]+)[/\\]snapshots[/\\]")
_CHECKPOINT = re.compile(r"checkpoint-\d+")


def check(config: Config, weights: Weights | None = None) -> Iterator[Finding]:
    """At most one finding, at the value."""
    if not config.is_peft or "base_model_name_or_path" not in config.data:
        return
    base = config.get("base_model_name_or_path")
    pointer = "/base_model_name_or_path"
    if base is None:
        if weights is not None or config.get("target_modules"):
            message = "base_model_name_or_path is null, so the folder alone does not say which base it belongs to"
            yield RULE.finding(message, config.place(pointer), severity=Severity.info)
    elif isinstance(base, str):  # of anything else, field-invalid tells
        why, severity = _why(base) or ("", Severity.hint)
        if why:
            shown = base if len(base) <= 120 else f"{base[:119]}…"
            message = f'base_model_name_or_path is "{shown}", {why}'
            yield RULE.finding(message, config.place(pointer), severity=severity)


def _why(base: str) -> tuple[str, Severity] | None:
    """What is the matter with a value, and how sure it is that no loader can follow it."""
    if not base.strip():
        return "which names no model", Severity.warning
    if len(base) <= 200 and _PLACEHOLDER.fullmatch(base.strip()):
        return "a placeholder that names no model", Severity.warning
    cached = _CACHE.search(base)
    if cached:
        return f"the cache of {cached[1]}/{cached[2]} on the machine that trained it", Severity.info
    if _WINDOWS.match(base) and not ON_WINDOWS:
        return "a path of Windows, which other systems cannot follow", Severity.warning
    if "://" in base:
        return "a link, where loaders want an id or a folder", Severity.info
    if _is_path(base):
        return "a folder of the machine that trained it", Severity.info
    return None


def _is_path(base: str) -> bool:
    """Whether this is no id of the Hub, which is a name or owner/name."""
    if base.startswith(("/", "~", "./", "../")) or _WINDOWS.match(base) or base.endswith("/"):
        return True
    return base.count("/") > 1 or "\\" in base or bool(_CHECKPOINT.search(base))
