"""adapter_config.json cannot be read, so PEFT cannot load the adapter: `PeftConfig.from_pretrained` raises an exception
from deep inside json or from PEFT itself, which rarely says what the file really is.

What it turns out to be:

- a **Git LFS pointer**: three lines of text that stand for the real file. The repository was cloned without git-lfs.
- an **HTML page**: a download that was answered with an error or login page.
- **empty or cut off**: an interrupted download, a full disk, two processes that wrote at once.
- **not UTF-8**: an editor or a PowerShell `>` saved it as UTF-16 or with a byte order mark. Python's json refuses both.
- **not JSON**: a trailing comma, a comment, single quotes after an edit by hand.
- **not an object**: a list or a bare value at the top.

A key given twice is no error for json: the last value counts, silently. Then it is a warning, since two people read
two different configs.

To mend it, fetch the file again (`git lfs pull`, `huggingface-cli download`), save it as UTF-8 without a byte order
mark, or correct the named line. Of a key given twice, delete the one that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.model import Example, Fault, Place, Rule, Severity, Status

if TYPE_CHECKING:
    from adapterlint.artifacts.config import Config
    from adapterlint.model import Broken, Finding

_PATH = "adapter/adapter_config.json"
_POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'5a' * 32}\nsize 866\n"

RULE = Rule(
    id="config-unreadable",
    family="config",
    severity=Severity.error,
    summary="adapter_config.json that is not the JSON object PEFT expects",
    why=__doc__ or "",
    examples=(
        Example("cut off", files={_PATH: '{"peft_type": "LORA", "r":'}, status=Status.unreadable),
        Example("a trailing comma", files={_PATH: '{"peft_type": "LORA",\n "r": 8,\n}'}, status=Status.unreadable),
        Example("a Git LFS pointer", files={_PATH: _POINTER}, status=Status.not_checked),
        Example("a web page", files={_PATH: "<!DOCTYPE html><html><body>Sign in</body></html>"}),
        Example("empty", files={_PATH: b""}),
        Example("a byte order mark", files={_PATH: b'\xef\xbb\xbf{"peft_type": "LORA"}'}),
        Example("UTF-16", files={_PATH: '{"peft_type": "LORA"}'.encode("utf-16")}),
        Example("a list", files={_PATH: '[{"peft_type": "LORA"}]'}),
        Example(
            "a key given twice", files={_PATH: '{"peft_type": "LORA",\n "r": 8,\n "r": 16}'}, severity=Severity.warning
        ),
        Example("a good config", fires=0, config={"peft_type": "LORA", "r": 8}),
        Example("NaN is JSON to Python and so to PEFT", fires=0, files={_PATH: '{"peft_type": "LORA", "x": NaN}'}),
    ),
)
_NOT_FETCHED = (Fault.lfs_pointer, Fault.denied, Fault.unsupported)


def check(config: Config | None = None, broken: Broken | None = None) -> Iterator[Finding]:
    """One finding for a broken config, or one for each key given twice in a readable one."""
    if broken is not None:
        yield from _unreadable(broken)
    elif config is not None:
        for pointer, place in config.duplicates:
            message = f"{pointer[1:].replace('/', '.')} is given twice, and only the last one counts"
            yield RULE.finding(message, place, severity=Severity.warning)


def _unreadable(broken: Broken) -> Iterator[Finding]:
    if broken.reads == "config":
        status = Status.not_checked if broken.fault in _NOT_FETCHED else Status.unreadable
        place = broken.place or Place(broken.path)
        yield RULE.finding(f"{Path(broken.path).name} is {broken.reason}", place, status=status)
