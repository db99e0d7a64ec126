"""Where the time of `check` goes, stage by stage, over a folder of adapters: one process, `--jobs 1`.

What is measured is the command's own work with a clock around the entrance of each stage. A stage that another one
calls counts for itself alone. Importing is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REST = "engine and the rest"


def split(folder: Path, number: int) -> list[str]:
    """A line that says how many microseconds each stage takes for one of `number` adapters in `folder`."""
    command = [sys.executable, "-m", "benchmarks.stages", str(folder)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    seconds: dict[str, float] = json.loads(done.stdout)
    parts = (f"{stage} {spent / number * 1e6:.0f}" for stage, spent in seconds.items())
    return [f"stages, µs for one folder, one process, with the clock's own cost: {', '.join(parts)}"]


class Clock:
    """Seconds spent in each stage, those of the stages inside it left out."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open = [REST]
        self._since = time.perf_counter()

    def switch(self) -> None:
        """Count the time since the last switch for the stage that is open."""
        now = time.perf_counter()
        stage = self._open[-1]
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now

    def around(self, owner: Any, name: str, stage: str) -> None:
        """Put the clock around a function of a module or class."""
        work: Callable[..., Any] = getattr(owner, name)
        self.seconds.setdefault(stage, 0.0)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self.switch()
            self._open.append(stage)
            try:
                return work(*args, **kwargs)
            finally:
                self.switch()
                self._open.pop()

        setattr(owner, name, timed)


def _measure(folder: str) -> dict[str, float]:
    from adapterlint import engine, report, rulebook, session, settings, verdict
    from adapterlint.artifacts import config, config_fields, weights
    from adapterlint.artifacts.weights import facts
    from adapterlint.loadplan import compare

    chosen = settings.load(None, isolated=True, jobs=1)
    book = rulebook.Rulebook()
    _ = [book[id] for id in book], config_fields  # imported before the clock starts, as the command's parts are
    clock = Clock()
    clock.around(session, "discover", "discover")
    clock.around(config, "read", "config")
    clock.around(weights, "read", "header")
    clock.around(facts, "facts_of", "values")
    clock.around(compare, "plan", "load plan")
    clock.around(engine._Pass, "_ask", "rules")
    clock.around(verdict, "decide", "verdict")
    clock.around(report, "render", "report")
    found = session.check([folder], chosen)
    report.render(found, "text")
    clock.switch()
    return {**{stage: spent for stage, spent in clock.seconds.items() if stage != REST}, REST: clock.seconds[REST]}


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
