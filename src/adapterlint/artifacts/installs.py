"""What the install commands of a notebook name: `%pip install …`, `!python -m pip install …`, `!uv pip install …`."""

from __future__ import annotations

import re

_COMMAND = re.compile(
    r"""
    (?: ^[%!]{1,2} | && | \|\| | ; | \| | \n ) \s*
    (?: sudo \s+ )?
    (?: (?: \{?sys\.executable\}? | \$\{?\w+\}? | [\w./\\-]*python[\d.]*(?:\.exe)? ) ["']? \s+ -m \s+ )?
    (?: uv \s+ (?: -\S+ \s+ )* )?
    (?: pip[\d.]* \s+ (?: -\S+ \s+ )* install | (?<= uv \s ) add )
    (?P<arguments> (?: \\\r?\n | "[^"\n]*" | '[^'\n]*' | [^;&|\r\n"'] )* )
    """,
    re.VERBOSE,
)
_ARGUMENT = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'\\]|\\(?!\r?\n).)+""")
# Options of pip and uv whose value is a word of its own.
_VALUED = frozenset(
    {"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-i", "--index-url", "--extra-index-url"}
    | {"-f", "--find-links", "-t", "--target", "--prefix", "--root", "--platform", "--python-version", "--python"}
    | {"--abi", "--implementation", "--no-binary", "--only-binary", "--progress-bar", "--proxy", "--retries", "-p"}
    | {"--timeout", "--trusted-host", "--upgrade-strategy", "--src", "--cache-dir", "--log", "--index", "--group"}
)


def requirements(command: str) -> list[str]:
    """The requirement strings a masked command installs, options and files dropped; [] for any other command."""
    found: list[str] = []
    for match in _COMMAND.finditer(command):
        skip = False
        for word in _ARGUMENT.findall(match["arguments"]):
            if word.startswith("#"):
                break
            if not skip and not word.startswith("-"):
                found.append(re.sub(r"[\"']", "", word))
            skip = word in _VALUED and not skip
    return found
