"""`python -m adapterlint`."""

from __future__ import annotations

from adapterlint.cli import main

if __name__ == "__main__":
    main()
