"""`peft_type` names the method, and PEFT looks the class up by exactly that word: any other is a KeyError. The names
are upper case; "lora" is not "LORA". A config without `peft_type` raises as well ("missing required keys"), even where
every other field is right.

Names come and go: BONE was taken out in 0.19 (MISS is its successor), and each release adds some. So it matters which
PEFT will load the adapter. `--target peft=0.18` says so, or a range (`--target 'peft=>=0.17,<0.19'`), of which a type
that some releases lack is a warning; without it the newest release known here counts, and a type that other releases
have is a warning. Where the config's own `peft_version` is newer than that, nothing can be said
and it is only noted.

To mend it, correct the spelling, add the missing `"peft_type": "LORA"`, or load the adapter with a PEFT that knows the
type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.model import Example, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.model import Finding, Run

_REST = {"r": 8, "lora_alpha": 16, "target_modules": ["query", "value"]}

RULE = Rule(
    id="unknown-peft-type",
    family="config",
    severity=Severity.error,
    summary="a peft_type that PEFT does not know, or none at all",
    why=__doc__ or "",
    examples=(
        Example("lower case", config={**_REST, "peft_type": "lora"}, status=Status.unreadable),
        Example("missing", config=_REST, status=Status.unreadable),
        Example("null", config={**_REST, "peft_type": None}),
        Example("a word PEFT never had", config={**_REST, "peft_type": "LORAX"}),
        Example("a type that has gone", config={"peft_type": "BONE", "r": 64}, severity=Severity.warning),
        Example("a type younger than the target", config={"peft_type": "MISS"}, versions={"peft": "0.12.0"}),
        Example(
            "a type that the range's last release has no more",
            config={"peft_type": "BONE"},
            versions={"peft": ">=0.18,<0.20"},
            severity=Severity.warning,
            status=Status.unknown,
        ),
        Example(
            "written by a PEFT newer than this table",
            config={"peft_type": "NEWLORA", "peft_version": "99.0.0"},
            severity=Severity.info,
            status=Status.unknown,
        ),
        Example("LoRA", fires=0, config={**_REST, "peft_type": "LORA"}),
        Example("a type the target still has", fires=0, config={"peft_type": "BONE"}, versions={"peft": "0.18.1"}),
        Example("another library's config", fires=0, config={"fine_tune_type": "lora", "lora_parameters": {"rank": 8}}),
    ),
)


def check(config: Config, run: Run) -> Iterator[Finding]:
    """At most one finding, at `peft_type`."""
    if not config.is_peft:
        return
    if config.peft_type is None:
        yield _without_type(config)
        return
    from adapterlint.knowledge.peft_types import VERSIONS_OF_TYPE

    if config.peft_type in VERSIONS_OF_TYPE:
        yield from _of_other_version(config, config.peft_type, run)
    else:
        yield _never_known(config, config.peft_type)


def _without_type(config: Config) -> Finding:
    if "peft_type" in config.data:
        message = f"peft_type is {json.dumps(config.get('peft_type'))[:60]}, where PEFT needs the name of a method"
        return RULE.finding(message, config.place("/peft_type"), status=Status.unreadable)
    message = f"no peft_type beside {', '.join(list(config.data)[:3])}; PEFT cannot load a config without it"
    return RULE.finding(message, config.place(""), status=Status.unreadable)


def _of_other_version(config: Config, kind: str, run: Run) -> Iterator[Finding]:
    from adapterlint.knowledge.peft_fields import allowed, newest, spelled, type_history
    from adapterlint.knowledge.peft_types import SUCCESSORS, VERSIONS_OF_TYPE

    targets = allowed(run.versions["peft"]) if "peft" in run.versions else ()
    history = type_history(kind)
    assert history is not None
    lacking = [release for release in targets or (newest(),) if not history.known_in(release)]
    if not lacking:
        return
    since, gone = VERSIONS_OF_TYPE[kind]
    if history.is_younger_than(lacking[0]):
        young = [release for release in lacking if history.is_younger_than(release)]
        message = f'peft_type is "{kind}", which PEFT {spelled(young)} does not know; it came in {since}'
    else:
        message = f'peft_type is "{kind}", which PEFT {gone} took out'
        message += f" in favour of {SUCCESSORS[kind]}" if kind in SUCCESSORS else ""
    if targets and len(lacking) == len(targets):
        yield RULE.finding(message, config.place("/peft_type"), status=Status.unreadable)
    else:
        yield RULE.finding(message, config.place("/peft_type"), severity=Severity.warning, status=Status.unknown)


def _never_known(config: Config, kind: str) -> Finding:
    from difflib import get_close_matches

    from adapterlint.knowledge.peft_types import NEWEST_PEFT, PEFT_TYPES

    place = config.place("/peft_type")
    if config.is_newer:
        message = f'peft_type is "{kind}", written by PEFT {config.get("peft_version")}; known here up to {NEWEST_PEFT}'
        return RULE.finding(message, place, severity=Severity.info, status=Status.unknown)
    meant = kind.strip().upper().replace("-", "_")
    near = [meant] if meant in PEFT_TYPES else get_close_matches(meant, sorted(PEFT_TYPES), 1)
    message = f'peft_type is "{kind[:60]}", which PEFT does not know' + (f' (it knows "{near[0]}")' if near else "")
    return RULE.finding(message, place, status=Status.unreadable)
