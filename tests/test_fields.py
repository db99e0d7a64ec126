"""What the table says of the config fields of every PEFT release, held to the PEFT that is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import adapterlint
from adapterlint.knowledge import peft_fields, peft_types
from adapterlint.model import Severity

# Run by the interpreter of a stack: type -> field -> [default], or [] where it is no JSON.
PRINT_FIELDS = """
import dataclasses, enum, json, peft
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING as types
from peft.utils import PeftType
def plain(value):
    value = value.value if isinstance(value, enum.Enum) else sorted(value) if isinstance(value, set) else value
    return [value] if isinstance(value, (str, int, float, bool, list, dict, type(None))) else []
def default(it):
    if it.default is not dataclasses.MISSING:
        return plain(it.default)
    return plain(it.default_factory()) if it.default_factory is not dataclasses.MISSING else []
found = {str(getattr(kind, "value", kind)): config for kind, config in types.items()}
found = {kind: config for kind, config in found.items() if kind in list(PeftType)}
fields = {
    kind: {it.name: default(it) for it in dataclasses.fields(config) if it.init} for kind, config in found.items()
}
classes = {kind: config.__name__ for kind, config in found.items()}
print(json.dumps({"version": peft.__version__, "fields": fields, "classes": classes}))
"""


@pytest.mark.runtime
@pytest.mark.parametrize("name", ["new", "mid", "old"])
def test_the_table_says_of_an_installed_peft_what_its_dataclasses_say(
    name: str, python_of: Callable[[str], str]
) -> None:
    run = subprocess.run([python_of(name), "-c", PRINT_FIELDS], capture_output=True, text=True, check=True)
    said = json.loads(run.stdout.splitlines()[-1])
    version = said["version"]
    if version not in peft_fields.releases():
        pytest.skip(f"PEFT {version} is not in the table")
    known = {kind for kind in peft_fields.peft_types() if _history(kind).known_in(version)}
    assert known == set(said["fields"])
    for kind, fields in said["fields"].items():
        assert peft_fields.config_class(kind) == said["classes"][kind]
        assert peft_fields.known_in(version, kind) == set(fields)
        for field, default in fields.items():
            assert _default(kind, field, version) == default, (kind, field)


def _history(kind: str) -> peft_fields.History:
    history = peft_fields.type_history(kind)
    assert history is not None
    return history


def _default(kind: str, name: str, version: str) -> list[Any]:
    history = peft_fields.field(kind, name)
    assert history is not None
    default = history.default_in(version)
    return [] if default is peft_fields.UNSAID else [default]


def test_what_the_releases_say_of_a_few_fields() -> None:
    """Read by hand in the sources of those releases."""
    dora = peft_fields.field("LORA", "use_dora")
    assert dora is not None
    assert (dora.since, dora.until, dora.defaults, dora.annotation) == ("0.9.0", None, (False,), "bool")
    assert not dora.known_in("0.8.2") and dora.known_in("0.9.0") and dora.known_in(peft_fields.newest())
    enabled = peft_fields.field("LORA", "enable_lora")
    assert enabled is not None and (enabled.since, enabled.until) == ("0.1.0", "0.3.0")
    alpha = peft_fields.field("LORA", "lora_alpha")
    assert alpha is not None and alpha.defaults == (None, 8)
    assert alpha.default_in("0.3.0") is None and alpha.default_in("0.21.2") == 8
    with pytest.raises(ValueError, match=r"0\.8\.2"):
        dora.default_in("0.8.2")
    assert peft_fields.field("LORA", "nothing_of_the_kind") is None
    assert peft_fields.field("NOTYPE", "r") is None and peft_fields.type_history("NOTYPE") is None
    assert peft_fields.types_with("oft_block_size") == ("OFT",)


def test_the_wheel_that_still_holds_replaced_modules_is_read_as_python_reads_it() -> None:
    """0.6.2 was released with the old tuners/lora.py beside the package tuners/lora."""
    assert "rank_pattern" in peft_fields.known_in("0.6.2", "LORA")
    assert _history("LOHA").spans[0].end is None


def test_types_come_from_the_same_table() -> None:
    assert peft_types.VERSIONS_OF_TYPE["BONE"] == ("0.14", "0.19")
    assert peft_types.VERSIONS_OF_TYPE["MISS"] == ("0.17", None)
    assert len(peft_types.PEFT_TYPES) == 45
    assert peft_types.NEWEST_PEFT == peft_fields.newest() == "0.21.2"


@pytest.mark.parametrize(
    ("wanted", "oldest", "newest"),
    [
        ("0.17", "0.17.0", "0.17.0"),
        ("0.17.1", "0.17.1", "0.17.1"),
        ("0.17.9", "0.17.1", "0.17.1"),  # never released: the last one before it
        (">=0.13,<0.15", "0.13.0", "0.14.0"),
        ("==0.17.*", "0.17.0", "0.17.1"),
        ("~=0.18.0", "0.18.0", "0.18.1"),
        ("0.99", "0.21.2", "0.21.2"),  # newer than the table: the newest is nearest
        (">=0.99", "0.21.2", "0.21.2"),
    ],
)
def test_releases_that_a_target_allows(wanted: str, oldest: str, newest: str) -> None:
    allowed = peft_fields.allowed(wanted)
    assert (allowed[0], allowed[-1]) == (oldest, newest)


@pytest.mark.parametrize("wanted", ["", "new", "0.0.1", ">=x", "<0.1"])
def test_what_is_no_version_allows_nothing(wanted: str) -> None:
    assert peft_fields.allowed(wanted) == ()


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("lora_aplha", "lora_alpha"),
        ("lora_alph", "lora_alpha"),
        ("loraAlpha", "lora_alpha"),
        ("lora-alpha", "lora_alpha"),
        ("target_module", "target_modules"),
        ("use_rslorra", "use_rslora"),
        ("use_lora", None),  # a word of its own, though near to two fields
        ("swift_version", None),
        ("alpha", None),  # LoHa's field
        ("lora_target_modules", None),
        ("R", None),
    ],
)
def test_misspelt_fields(key: str, field: str | None) -> None:
    assert peft_fields.meant("LORA", key, ()) == field
    assert field is None or peft_fields.meant("LORA", key, {field}) is None


def test_the_table_is_small_and_quick_to_read() -> None:
    assert peft_fields.TABLE.stat().st_size < 200_000
    program = "import time, adapterlint.knowledge.peft_fields as it; begun = time.perf_counter(); it.releases(); "
    program += "print(time.perf_counter() - begun)"
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.02


@pytest.fixture(scope="session")
def python_of() -> Callable[[str], str]:
    """The interpreter of a stack; skips where none is given."""
    from conftest import STACKS

    def python(name: str) -> str:
        variable = STACKS[name]
        found = os.environ.get(variable, "") if variable else sys.executable
        if not found:
            pytest.skip(f"{variable} names no interpreter")
        return found

    return python


@pytest.mark.parametrize(
    ("wanted", "config", "message", "severity"),
    [
        ("0.12", {"use_bdlora": None}, "PEFT 0.12 refuses a config with a field that it does not know", Severity.error),
        (">=0.12,<0.14", {"use_bdlora": None}, "PEFT 0.12 to 0.13.2 refuses a config", Severity.error),
        (">=0.13,<0.16", {"use_bdlora": None}, "PEFT 0.13 to 0.13.2 refuses a config", Severity.warning),
        (">=0.17,<0.20", {"use_bdlora": {"n": 2}}, "PEFT 0.17 to 0.18.1 drops use_bdlora", Severity.warning),
        ("~=0.17.0", {"use_bdlora": {"n": 2}}, "PEFT 0.17 to 0.17.1 drops use_bdlora", Severity.error),
        ("0.17.*", {"use_bdlora": {"n": 2}}, "PEFT 0.17 to 0.17.1 drops use_bdlora", Severity.error),
        (">=0.19", {"use_bdlora": {"n": 2}}, "", None),
        (">=0.18,<0.20", {"peft_type": "BONE"}, 'peft_type is "BONE", which PEFT 0.19 took out', Severity.warning),
        (">=0.9,<0.20", {"peft_type": "MISS"}, 'peft_type is "MISS", which PEFT 0.9 to ', Severity.warning),
        ("<0.16", {"peft_type": "MISS"}, 'peft_type is "MISS", which PEFT 0.1 to 0.15.2 does not know', Severity.error),
    ],
)
def test_a_rule_speaks_where_any_release_of_a_range_is_concerned(
    wanted: str, config: dict[str, Any], message: str, severity: Severity | None, tmp_path: Path
) -> None:
    base = {"peft_type": "LORA", "r": 2, "target_modules": ["q"], "base_model_name_or_path": "org/base"}
    (tmp_path / "adapter_config.json").write_text(json.dumps({**base, **config}), encoding="utf-8")
    rules = ["unknown-field", "unknown-peft-type"]
    report = adapterlint.check(str(tmp_path), select=rules, target={"peft": wanted}, isolated=True)
    found = [finding for finding in report.findings if finding.severity >= Severity.warning]
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])
    assert all(finding.message.startswith(message) for finding in found), found
