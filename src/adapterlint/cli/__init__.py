"""The command line: turns settings into an exit code. A command imports what it needs when it runs."""

from __future__ import annotations

import gc

from adapterlint.cli.guard import guarded


def main() -> None:
    """The console entry. Every way out is an exit code: no traceback unless ADAPTERLINT_DEBUG is set."""
    with guarded():
        gc.set_threshold(50_000)  # what a start makes stays: to look for cycles in it takes a tenth of a short check
        from adapterlint.cli.app import app

        app(prog_name="adapterlint")
