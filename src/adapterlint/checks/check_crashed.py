"""A check of adapterlint failed on this file, which is a fault of adapterlint and not of the file.

What the check looks for is not known for this file; all other checks went on, and the run ends with exit code 2 so
that nobody takes it for a clean one.

Please report it with the message, and the file if you can share it. Until it is mended, `--ignore` with the name of
the check lets the rest of the run count.
"""

from __future__ import annotations

from adapterlint.model import Rule, Severity

RULE = Rule(
    id="check-crashed",
    family="runtime",
    severity=Severity.error,
    summary="a check of adapterlint failed, so what it looks for is not known",
    why=__doc__ or "",
)
