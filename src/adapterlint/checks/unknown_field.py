"""adapter_config.json holds a field that the PEFT which will load it does not know. PEFT's configs grow with every
release, and a saved config names all fields of the release that wrote it. What becomes of the new ones depends on the
release that reads it, measured with 0.12, 0.18 and 0.21:

- from 0.6 to 0.13 PEFT raises "TypeError: __init__() got an unexpected keyword argument" and loads nothing, also where
  the value is a mere default;
- since 0.14 it warns, drops the field and goes on. That is right where the value is the default, or only says how the
  adapter was started or trained. Where it is not (`use_bdlora`, `alora_invocation_tokens`, `trainable_token_indices`),
  the adapter loads as something else;
- up to 0.5 it leaves the field out without a word.

So `--target peft=0.12` decides, and a newer field is no fault without it. `--target 'peft=>=0.17,<0.19'` means each
release of the range: what only some of them refuse or drop is a warning, which says which.
A key that no release has is dropped by all of them: it is only noted, unless it is a field's name misspelt while that
field is absent, for then the value that was meant is lost. The table of fields is read from every released wheel; where
the config's own `peft_version` is newer than that table, nothing is said of keys it does not have.

To mend it, load the adapter with the PEFT that wrote it or a newer one, or delete the fields that have their defaults.
A value that differs needs the newer PEFT. A misspelt key wants its right name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from adapterlint.model import Example, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.model import Finding, Run

_OLD: dict[str, Any] = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["query", "value"]}
_NEW: dict[str, Any] = {**_OLD, "peft_version": "0.21.2", "lora_bias": False, "use_bdlora": None}

RULE = Rule(
    id="unknown-field",
    family="config",
    severity=Severity.error,
    summary="a config field that the PEFT which loads it does not know",
    why=__doc__ or "",
    examples=(
        Example(
            "PEFT 0.12 refuses all newer fields, defaults or not",
            config=_NEW,
            versions={"peft": "0.12"},
            status=Status.unreadable,
        ),
        Example(
            "a value that PEFT 0.17 drops",
            config={**_NEW, "alora_invocation_tokens": [1, 2]},
            versions={"peft": "0.17"},
            status=Status.wrong,
        ),
        Example(
            "a value that some releases of a range drop",
            config={**_NEW, "use_bdlora": {"nblocks": 2}},
            versions={"peft": ">=0.17,<0.20"},
            severity=Severity.warning,
        ),
        Example(
            "newer fields that have their defaults",
            config=_NEW,
            versions={"peft": "0.17"},
            severity=Severity.hint,
        ),
        Example("a misspelt name", config={**_OLD, "use_rslroa": True}, severity=Severity.warning),
        Example(
            "a value of a field that has gone",
            config={**_OLD, "enable_lora": [True, False, True]},
            severity=Severity.info,
        ),
        Example("a key that no release has", config={**_OLD, "swift_version": "3.1"}, severity=Severity.info),
        Example("an empty key that no release has", config={**_OLD, "notes": None}, severity=Severity.hint),
        Example("a field of another type", config={"peft_type": "IA3", "lora_alpha": 16}, severity=Severity.info),
        Example("written by the newest release", fires=0, config={**_NEW, "alora_invocation_tokens": [1, 2]}),
        Example("the target knows them all", fires=0, config=_NEW, versions={"peft": "0.19.1"}),
        Example("legacy fields at rest", fires=0, config={**_OLD, "enable_lora": None, "merge_weights": False}),
        Example("written by a PEFT newer than the table", fires=0, config={**_NEW, "peft_version": "99.0", "nova": 1}),
        Example("how it was started is no matter", fires=0, config={**_OLD, "merge_weights": True}),
    ),
    references=(
        "https://github.com/huggingface/peft/pull/2038",
        "https://github.com/huggingface/peft/issues/2275",
        "https://github.com/huggingface/peft/issues/2340",
    ),
)

_NEUTRAL = frozenset(
    {
        *("peft_version", "auto_mapping", "inference_mode", "revision", "base_model_name_or_path", "runtime_config"),
        *("merge_weights", "megatron_config", "megatron_core", "loftq_config", "eva_config", "corda_config"),
        *("lora_ga_config", "velora_config", "init_weights", "rank_dropout_scale", "tokenizer_kwargs"),
    }
)
"""Fields that say how an adapter was started, trained or kept: to load it without them gives the same layers."""

_MOST_NAMED = 4
_MOST_COMPARED = 50


def check(config: Config, run: Run) -> Iterator[Finding]:
    """What the target refuses, else what it drops; then the keys that no release has."""
    from adapterlint.knowledge import peft_fields

    kind = config.peft_type or ""
    history = peft_fields.type_history(kind)
    if not config.is_peft or history is None:
        return
    targets = peft_fields.allowed(run.versions["peft"]) if "peft" in run.versions else ()
    releases = [release for release in targets if history.known_in(release)]
    if releases:
        refused = [release for release in releases if _refuses(release) and _unknown(config, kind, [release])]
        if refused:
            yield _refusal(config, kind, refused, all_of_them=len(refused) == len(targets))
        rest = [release for release in releases if release not in refused]
        yield from _dropped(config, kind, rest, all_of_them=len(rest) == len(targets))
        if rest and not refused:
            yield from _dropped_at_rest(config, kind, rest)
        if refused:
            return
    elif not targets and history.until is None:
        yield from _gone(config, kind)
    strangers = [key for key in config.data if peft_fields.field(kind, key) is None]
    if strangers and not config.is_newer:
        yield from _nobodys(config, kind, strangers)


def _refuses(release: str) -> bool:
    from packaging.version import Version

    from adapterlint.knowledge.peft_fields import DROPS_SINCE, REFUSES_SINCE

    return Version(REFUSES_SINCE) <= Version(release) < Version(DROPS_SINCE)


def _unknown(config: Config, kind: str, releases: Sequence[str]) -> list[str]:
    """The keys that one of the releases does not know for that type, in order of the file."""
    from adapterlint.knowledge.peft_fields import known_in

    return [key for key in config.data if any(key not in known_in(release, kind) for release in releases)]


def _refusal(config: Config, kind: str, refused: Sequence[str], *, all_of_them: bool) -> Finding:
    from adapterlint.knowledge.peft_fields import spelled

    keys = _unknown(config, kind, refused)
    what = f"a field that it does not know ({keys[0]})"
    if len(keys) > 1:
        what = f"{len(keys)} fields that it does not know ({_named(keys)})"
    message = f"PEFT {spelled(refused)} refuses a config with {what}"
    places = [config.place(f"/{_escaped(key)}") for key in keys[:_MOST_NAMED]]
    severity = Severity.error if all_of_them else Severity.warning
    status = Status.unreadable if all_of_them else None
    return RULE.finding(message, places[0], severity=severity, related=places[1:], status=status)


def _dropped(config: Config, kind: str, releases: Sequence[str], *, all_of_them: bool) -> Iterator[Finding]:
    """One finding per value that is lost in some of the releases, which go on without it."""
    from adapterlint.knowledge.peft_fields import field, short, spelled

    for key in _unknown(config, kind, releases):
        history = field(kind, key)
        if history is None or not _matters(config, kind, key):
            continue
        lost_in = [release for release in releases if not history.known_in(release)]
        since = f"it came in {short(history.since)}" if history.until is None else f"{short(history.until)} took it out"
        message = f"PEFT {spelled(lost_in)} drops {key}, which is {_shown(config.get(key))} and no default; {since}"
        whole = all_of_them and len(lost_in) == len(releases)
        yield RULE.finding(
            message,
            config.place(f"/{_escaped(key)}"),
            severity=Severity.error if whole else Severity.warning,
            status=Status.wrong if whole else None,
        )


def _dropped_at_rest(config: Config, kind: str, releases: Sequence[str]) -> Iterator[Finding]:
    """Where no value is lost, one finding for all the fields that are dropped."""
    from adapterlint.knowledge.peft_fields import field, spelled

    keys = [key for key in _unknown(config, kind, releases) if field(kind, key) is not None]
    if not keys or any(_matters(config, kind, key) for key in keys):
        return
    dropping = [release for release in releases if _unknown(config, kind, [release])]
    fields = "a field" if len(keys) == 1 else f"{len(keys)} fields"
    message = f"PEFT {spelled(dropping)} drops {fields} that it does not know ({_named(keys)}), which changes nothing"
    yield RULE.finding(message, config.place(f"/{_escaped(keys[0])}"), severity=Severity.hint)


def _gone(config: Config, kind: str) -> Iterator[Finding]:
    """Without a target: values of fields that the newest release no longer has. What they did shows in the weights."""
    from adapterlint.knowledge.peft_fields import field, short

    for key in config.data:
        history = field(kind, key)
        if history is not None and history.until is not None and _matters(config, kind, key):
            value = _shown(config.get(key))
            message = f"{key} is {value}, which PEFT drops; {short(history.until)} took the field out"
            yield RULE.finding(message, config.place(f"/{_escaped(key)}"), severity=Severity.info)


def _nobodys(config: Config, kind: str, keys: Sequence[str]) -> Iterator[Finding]:
    """The keys that no release has for this type: misspelt ones each, all others together."""
    from adapterlint.knowledge.peft_fields import config_class, meant

    others: list[str] = []
    for number, key in enumerate(keys):
        near = meant(kind, key, config.data) if number < _MOST_COMPARED else None
        if near is None or _is_nothing(config.get(key)):
            others.append(key)
            continue
        value = _shown(config.get(key))
        message = f'"{key[:60]}" is no field of {config_class(kind)}, so that its value {value} is lost'
        message += f" (the field is {near})"
        yield RULE.finding(message, config.place(f"/{_escaped(key)}"), severity=Severity.warning)
    for severity in (Severity.info, Severity.hint):
        some = [key for key in others if _is_nothing(config.get(key)) == (severity is Severity.hint)]
        if some:
            what = "is no field" if len(some) == 1 else "are no fields"
            message = f"{_named(some)} {what} of {config_class(kind)} in any release, and PEFT drops "
            message += "it" if len(some) == 1 else "them"
            yield RULE.finding(message, config.place(f"/{_escaped(some[0])}"), severity=severity)


def _matters(config: Config, kind: str, key: str) -> bool:
    """Whether the layers differ when PEFT leaves the field out: it has a value that was never its default."""
    from adapterlint.knowledge.peft_fields import field

    value, history = config.get(key), field(kind, key)
    if key in _NEUTRAL or history is None:
        return False
    defaults = history.defaults
    return value not in defaults and not (_is_nothing(value) and any(map(_is_nothing, defaults)))


def _is_nothing(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def _named(keys: Sequence[str]) -> str:
    shown = [key if len(key) <= 60 else f"{key[:59]}…" for key in keys[:_MOST_NAMED]]
    return ", ".join(shown) + (f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else "")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _escaped(key: str) -> str:
    from adapterlint.artifacts.config import escaped

    return escaped(key)
