"""Errors a user may see: one clear sentence each, with the remedy as a hint."""

from __future__ import annotations


class AdapterlintError(Exception):
    """A fault of usage or set-up, never of an inspected file (that is a `Broken` or a finding).

    `message` is one sentence naming file and place; `hint` is the remedy, or "".
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AdapterlintError):
    """A wrong option, an unknown rule id, a named path that does not exist."""


class SettingsError(AdapterlintError):
    """A settings file that cannot be read or holds an unknown key."""


class RuleError(AdapterlintError):
    """A rule that cannot be taken onto a shelf: the tool or a user's rule folder is at fault."""


class EditError(AdapterlintError):
    """An edit that cannot be applied whole; the file is left as it was."""
