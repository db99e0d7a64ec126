"""One path is tested for, and another one is loaded.

The test was to make sure that the adapter is there. It asks for a path that the load does not take, so it says nothing
of the load: where the tested folder exists an old or a different adapter is put in, where it does not the program goes
on with the base, and both look like a run in which all is well.

Only a test that the load hangs on counts, and only where the tested path is used for nothing else. A file inside the
folder that is loaded, the folder around it, and a choice between two folders are silent.

To mend it, test the path that is loaded; better still, do not test: `from_pretrained` raises for a folder that is not
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapterlint.histories.path_tests import path_tests
from adapterlint.histories.trails import plain, related
from adapterlint.knowledge.effects import LOADED, WRAPPED
from adapterlint.model import Example, Rule, Severity
from adapterlint.names import Site, Text, literal

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.histories.path_tests import Blocks, PathTest
    from adapterlint.model import Finding
    from adapterlint.names import Act, Names

_LOAD = """\
import os

from peft import PeftModel
from transformers import AutoModelForCausalLM

ADAPTER = "adapters/support-v2"
OLD_ADAPTER = "adapters/support-v1"
model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.2-1B")
"""

RULE = Rule(
    id="wrong-path-guarded",
    family="source",
    severity=Severity.warning,
    summary="an adapter is loaded from another path than the one that was tested for",
    why=__doc__,
    examples=(
        Example(
            title="the old constant at the load",
            cells=(_LOAD, "if os.path.exists(ADAPTER):\n    model = PeftModel.from_pretrained(model, OLD_ADAPTER)\n"),
        ),
        Example(
            title="two parameters of a function",
            cells=(
                _LOAD,
                "def tuned(base, adapter_path, checkpoint):\n"
                "    if not os.path.isdir(adapter_path):\n"
                "        return base\n"
                "    return PeftModel.from_pretrained(base, checkpoint)\n",
            ),
        ),
        Example(
            title="the path that is loaded",
            fires=0,
            cells=(_LOAD, "if os.path.exists(ADAPTER):\n    model = PeftModel.from_pretrained(model, ADAPTER)\n"),
        ),
        Example(
            title="a file inside it",
            fires=0,
            cells=(
                _LOAD,
                'if os.path.exists(os.path.join(ADAPTER, "adapter_config.json")):\n'
                "    model = PeftModel.from_pretrained(model, ADAPTER)\n",
            ),
        ),
        Example(
            title="the newer one where there is one",
            fires=0,
            cells=(
                _LOAD,
                "if os.path.exists(ADAPTER):\n    model = PeftModel.from_pretrained(model, ADAPTER)\n"
                "else:\n    model = PeftModel.from_pretrained(model, OLD_ADAPTER)\n",
            ),
        ),
        Example(
            title="both are needed",
            fires=0,
            cells=(
                _LOAD,
                "if os.path.exists(ADAPTER):\n"
                "    model = PeftModel.from_pretrained(model, OLD_ADAPTER).merge_and_unload()\n"
                "    model = PeftModel.from_pretrained(model, ADAPTER)\n",
            ),
        ),
        Example(
            title="something else is looked for",
            fires=0,
            cells=(
                _LOAD,
                'if os.path.exists("data/questions.json"):\n    model = PeftModel.from_pretrained(model, ADAPTER)\n',
            ),
        ),
    ),
)

_LIKE = re.compile(r"(?i)adapter|lora|peft|checkpoint|ckpt|weights")
_PATHLIKE = re.compile(r"(?i)adapter|lora|peft|checkpoint|ckpt|weights|path|dir|folder|model")
_NAME = re.compile(r"(?:self\.)?[A-Za-z_]\w*")
_TALKS = frozenset({"print", "warn", "info", "warning", "error", "debug", "exception", "critical", "log"})


def check(names: Names) -> Iterator[Finding]:
    """Report each load whose test asks for a path that nothing takes."""
    seen: set[Site] = set()
    blocks: Blocks = {}
    for act in names.acts(WRAPPED, LOADED):
        if act.site in seen or not act.adapter or act.node is None:
            continue
        for guard in path_tests(act.node, act.site.cell, blocks):
            tested = _site(act, guard.path)
            told = _told(act, guard, tested, names)
            if told is None:
                continue
            seen.add(act.site)
            place = names.place(tested, "tested here")
            message = f"{told[0]} is tested for (line {place.line}), but {told[1]} is loaded"
            yield RULE.finding(message, names.place(act.site), related=(place,))
            break


def _site(act: Act, node: SgNode) -> Site:
    span = node.range()
    return Site(act.site.cell, span.start.index, span.end.index)


def _told(act: Act, guard: PathTest, tested: Site, names: Names) -> tuple[str, str] | None:
    """The two paths as a reader would call them, None where the test may be meant as it is."""
    x, y = plain(literal(names.at(tested))), plain(literal(act.adapter))
    written = guard.path.text()
    if any(_mentions(it, written) for it in guard.guarded):
        return None
    if x is None or y is None:
        return _parameters(act, guard, names) if x is y is None else None
    if related(x, y) or not (_LIKE.search(x) or _LIKE.search(written) or _parent(x) == _parent(y) != ""):
        return None
    hub = y.count("/") == 1 and not names.folders(act.adapter)
    if hub and _parent(x) != _parent(y):
        return None
    return None if _taken(x, names) else (f'"{x}"', f'"{y}"')


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _mentions(node: SgNode, written: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(written)}(?!\w)", node.text()) is not None


def _taken(path: str, names: Names) -> bool:
    """Whether any call is given the path, or one below it, for more than to look for it or to talk of it."""
    for act in names.acts():
        last = act.call.rpartition(".")[2]
        if act.call.startswith(("os.", "pathlib.", "builtins.")) or last in _TALKS:
            continue
        for value in (value for it in act.arguments for value in it.values):
            given = plain(value.value) if isinstance(value, Text) else None
            if given is not None and (given == path or given.startswith(f"{path}/")):
                return True
    return False


def _parameters(act: Act, guard: PathTest, names: Names) -> tuple[str, str] | None:
    """The names of two parameters, of which the tested one is read nowhere else in its function."""
    given = act.argument("model_id") or act.argument("peft_model_id")
    if given is None:
        return None
    loaded = names.cell(given.site).masked[given.site.start : given.site.end]
    tested, function = guard.path.text(), act.node
    while function is not None and function.kind() != "function_definition":
        function = function.parent()
    listed = function.field("parameters") if function is not None else None
    body = function.field("body") if function is not None else None
    if listed is None or body is None or tested == loaded or not (_LIKE.search(tested) and _PATHLIKE.search(loaded)):
        return None
    own = {re.split(r"[:=\s]", it.text())[0] for it in listed.named_children()}
    if not {tested, loaded} <= own or not _NAME.fullmatch(loaded):
        return None
    reads = [it for it in body.find_all(kind="identifier") if it.text() in (tested, loaded)]
    quiet = [it for it in reads if not _said(it, body)]
    bound = any(re.search(rf"(?m)^\s*{it}\s*(?::[^=\n]+)?[-+/|]?=(?!=)", body.text()) for it in (tested, loaded))
    return None if bound or [it.text() for it in quiet].count(tested) != 1 else (tested, loaded)


def _said(node: SgNode, body: SgNode) -> bool:
    """Whether the name only stands in a message: in what is raised, printed or logged."""
    for it in node.ancestors():
        function = it.field("function") if it.kind() == "call" else None
        talks = function is not None and function.text().rpartition(".")[2] in _TALKS
        if talks or it.kind() == "raise_statement":
            return True
        if it.range().start.index <= body.range().start.index:
            return False
    return False
