"""README's generated parts: `python tests/generate_readme.py` writes them, tests/test_readme.py holds them true.

They are what command one prints, the table of rules and the help texts. Each stands between a line
`<!-- generated: NAME -->` and a line `<!-- end -->`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from adapterlint.model import Severity
from adapterlint.rulebook import Rulebook

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PLAIN = {
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "PYTHONIOENCODING": "utf-8",
    "_TYPER_STANDARD_TRACEBACK": "1",
}


def command(*arguments: str, code: int = 0) -> str:
    """What `adapterlint ARGUMENTS` prints, which must end with `code`."""
    environment = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "GITHUB_ACTIONS")}
    done = subprocess.run(
        [sys.executable, "-m", "adapterlint", *arguments],
        cwd=ROOT,
        env={**environment, **PLAIN},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stdout + done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def first_look() -> str:
    """What a newcomer sees first. The seconds are this machine's and stand for any."""
    return f"```\n{command('check', 'examples', '--isolated', code=1)}\n```"


def rules() -> str:
    """The table of rules: by family, the severest first."""
    book = Rulebook()
    families: dict[str, list[str]] = {}
    for rule in sorted(book.values(), key=lambda rule: (rule.family, -rule.severity, rule.id)):
        mended = "yes" if rule.fixable else ""
        summary = rule.summary.replace("|", "\\|")
        families.setdefault(rule.family, []).append(
            f"| `{rule.id}` | {Severity(rule.severity)} | {mended} | {summary} |"
        )
    parts = []
    for family, rows in families.items():
        head = f"| {family} | severity | fix | what it says |\n|---|---|---|---|"
        parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts)


def help_texts() -> str:
    """The help of the program and of `check`."""
    texts = [f"$ adapterlint {words}\n{command(*words.split())}" for words in ("--help", "check --help")]
    return "```\n" + "\n\n".join(texts) + "\n```"


PARTS: dict[str, Callable[[], str]] = {"first look": first_look, "rules": rules, "help": help_texts}


def between(name: str) -> re.Pattern[str]:
    """A part: its first mark, its text, its last mark."""
    return re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def generated(readme: str) -> str:
    """`readme` with every generated part written anew."""
    for name, write in PARTS.items():
        text = write()
        readme, found = between(name).subn(lambda part, text=text: f"{part[1]}{text}\n{part[3]}", readme)
        assert found == 1, f"README.md has {found} parts named {name!r}"
    return readme


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
