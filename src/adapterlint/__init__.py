"""adapterlint: will this adapter change the model's output, and is it the change that was trained?

>>> import adapterlint
>>> report = adapterlint.check("models")  # doctest: +SKIP
>>> [(verdict.path, str(verdict.status)) for verdict in report.verdicts]  # doctest: +SKIP
[('models/support-v3', 'works')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapterlint.errors import AdapterlintError
    from adapterlint.model import Finding, Report, Severity, Status, Verdict
    from adapterlint.session import check_paths as check

__version__ = "0.1.0"
__all__ = ["AdapterlintError", "Finding", "Report", "Severity", "Status", "Verdict", "__version__", "check"]


def __getattr__(name: str) -> Any:
    """The public names, imported on first use: `adapterlint --version` needs none of them."""
    if name == "check":
        from adapterlint.session import check_paths

        return check_paths
    if name == "AdapterlintError":
        from adapterlint.errors import AdapterlintError

        return AdapterlintError
    if name in __all__:
        from adapterlint import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
