"""What names hold, cell after cell: each test is a small program and a question about one expression in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scenes
from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Source
from adapterlint.model import Span
from adapterlint.names import Names, Object, Text
from adapterlint.names.objects import Unknown

IMPORTS = "from peft import PeftModel\nfrom sentence_transformers import SentenceTransformer\n"
ST = "sentence_transformers.SentenceTransformer"


def _read(*cells: str) -> Source:
    data = scenes.notebook(cells).encode()
    found = sources.read("notebook.ipynb", data)
    assert isinstance(found, Source)
    return found


def _what(expression: str, *cells: str) -> set[str]:
    """The classes or texts the last occurrence of the expression may be; `?` for unknown."""
    source = _read(*cells)
    for cell in reversed(source.cells):
        start = cell.text.rfind(expression)
        if start >= 0:
            break
    found = set()
    for value in Names(source).values(cell.index, Span(start, start + len(expression))):
        if isinstance(value, Object):
            found.add(value.classes[0].rpartition(".")[2])
        elif isinstance(value, Text):
            found.add(value.value)
        else:
            found.add("?" if isinstance(value, Unknown) else str(value))
    return found


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("x = SentenceTransformer('m')\nuse(x)", {"SentenceTransformer"}),
        ("x = y = SentenceTransformer('m')\nuse(x)", {"SentenceTransformer"}),
        ("x: SentenceTransformer = SentenceTransformer('m')\nuse(x)", {"SentenceTransformer"}),
        ("x = SentenceTransformer('m').to('cpu').eval()\nuse(x)", {"SentenceTransformer"}),
        ("x = SentenceTransformer('m')\nx = x[0].auto_model\nuse(x)", {"PreTrainedModel"}),
        ("x = SentenceTransformer('m')._first_module().auto_model\nuse(x)", {"PreTrainedModel"}),
        ("x = SentenceTransformer('m')\nx = 3\nuse(x)", {"Constant(text='3')"}),
        ("x = SentenceTransformer('m')\ndel x\nuse(x)", {"?"}),
        ("if c:\n    x = SentenceTransformer('m')\nelse:\n    x = load()\nuse(x)", {"SentenceTransformer", "?"}),
        ("if c:\n    x = SentenceTransformer('m')\nelse:\n    raise E\nuse(x)", {"SentenceTransformer"}),
        ("try:\n    x = SentenceTransformer('m')\nexcept E:\n    x = load()\nuse(x)", {"SentenceTransformer", "?"}),
        ("x = load()\nfor n in names:\n    use(x)\n    x = SentenceTransformer('m')", {"?", "SentenceTransformer"}),
        ("while True:\n    x = SentenceTransformer('m')\n    break\nuse(x)", {"SentenceTransformer"}),
        ("(x := SentenceTransformer('m'))\nuse(x)", {"SentenceTransformer"}),
        ("x = SentenceTransformer('m') if c else SentenceTransformer('n')\nuse(x)", {"SentenceTransformer"}),
        ("def f(n):\n    return SentenceTransformer(n)\nx = f('m')\nuse(x)", {"SentenceTransformer"}),
        ("def f(x):\n    use(x)\nf(SentenceTransformer('m'))", {"SentenceTransformer"}),
        ("def f(x: SentenceTransformer):\n    use(x)", {"SentenceTransformer"}),
        ("def f(x):\n    use(x)", {"?"}),
        ("x = SentenceTransformer('m')\ndef f(x):\n    use(x)\n", {"?"}),
        ("x = [SentenceTransformer('m')][0]\nuse(x)", {"SentenceTransformer"}),
        ("for x in [SentenceTransformer('m')]:\n    use(x)", {"SentenceTransformer"}),
        ("x, y = SentenceTransformer('m'), 1\nuse(x)", {"SentenceTransformer"}),
        ("class A(SentenceTransformer):\n    pass\nx = A('m')\nuse(x)", {"A"}),
        ("x = PeftModel.from_pretrained(SentenceTransformer('m'), p)\nuse(x)", {"PeftModel"}),
        ("x = PeftModel.from_pretrained(SentenceTransformer('m'), p).merge_and_unload()\nuse(x)",
         {"SentenceTransformer"}),
        ("with SentenceTransformer('m') as x:\n    use(x)", {"SentenceTransformer"}),
        ("x = {'a': SentenceTransformer('m')}['a']\nuse(x)", {"SentenceTransformer"}),
        ("x = (lambda n: SentenceTransformer(n))('m')\nuse(x)", {"SentenceTransformer"}),
        ("global_ = 1\ndef f():\n    global x\n    x = SentenceTransformer('m')\nf()\nuse(x)", {"SentenceTransformer"}),
    ],
)  # fmt: skip
def test_object(program: str, expected: set[str]) -> None:
    assert _what("x", IMPORTS, program.replace("use(x)", "use((x))")) >= expected - {"?"}
    source = _read(IMPORTS, program)
    cell = source.cells[-1]
    start = cell.text.index("use(x)") + 4
    values = Names(source).values(cell.index, Span(start, start + 1))
    shown = {
        it.classes[0].rpartition(".")[2] if isinstance(it, Object) else "?" if isinstance(it, Unknown) else str(it)
        for it in values
    }
    assert shown == expected


def test_attribute_of_self_is_followed_into_another_method() -> None:
    program = (
        "class Evaluation:\n"
        "    def __init__(self, name):\n"
        "        self.model = SentenceTransformer(name)\n"
        "    def run(self):\n"
        "        use(self.model)\n"
    )
    assert _what("self.model", IMPORTS, program) == {"SentenceTransformer"}
    assert _what("self.model", IMPORTS, program + "Evaluation('m').run()\n") == {"SentenceTransformer"}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import os\np = os.path.join('a', 'b')\nuse(p)", {"a/b"}),
        ("from pathlib import Path\nROOT = Path('a')\np = str(ROOT / 'b')\nuse(p)", {"a/b"}),
        ("for n in ['x', 'y']:\n    p = f'models/{n}/v{1}'\n    use(p)", {"models/x/v1", "models/y/v1"}),
        ("p = 'a' + '/b'\nuse(p)", {"a/b"}),
        ("p = ('a'\n     '/b')\nuse(p)", {"a/b"}),
        ("import os\np = os.environ['HOME']\nuse(p)", {"?"}),
        ("paths = {'v1': 'a', 'v2': 'b'}\nfor name, p in paths.items():\n    use(p)", {"a", "b"}),
        ("from pathlib import Path\np = Path('a/b.txt').parent\nuse(p)", {"a"}),
        ("p = r'models\\one'\nuse(p)", {"models\\one"}),
    ],
)
def test_text(program: str, expected: set[str]) -> None:
    source = _read(program)
    cell = source.cells[-1]
    start = cell.text.index("use(p)") + 4
    values = Names(source).values(cell.index, Span(start, start + 1))
    assert {it.value if isinstance(it, Text) else "?" for it in values} == expected


@pytest.mark.parametrize(
    "imports",
    [
        "from peft import PeftModel as P\n",
        "import peft\nP = peft.PeftModel\n",
        "import peft as q\nP = q.PeftModel\n",
        "from peft.peft_model import PeftModel as P\n",
        "from peft import *\nP = PeftModel\n",
        "try:\n    from peft import PeftModel as P\nexcept ImportError:\n    P = None\n",
    ],
)
def test_alias_of_a_library_class(imports: str) -> None:
    source = _read(imports, "P.from_pretrained(m, p)")
    assert Names(source).named(1, Span(0, len("P.from_pretrained"))) == {"peft.PeftModel.from_pretrained"}


@pytest.mark.parametrize(
    "program",
    [
        "class PeftModel:\n    pass\nP = PeftModel\n",
        "from mine import PeftModel as P\n",
        "from .peft import PeftModel as P\n",
        "def f(P):\n    P.from_pretrained(m, p)\n",
    ],
)
def test_another_class_of_the_same_name(program: str) -> None:
    source = _read(program + "P.from_pretrained(m, p)")
    start = source.cells[0].text.rindex("P.from_pretrained")
    found = Names(source).named(0, Span(start, start + len("P.from_pretrained")))
    assert found is None or "peft.PeftModel.from_pretrained" not in found


def test_a_path_is_found_from_the_folder_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "models" / "one").mkdir(parents=True)
    cells = (IMPORTS, "m = PeftModel.from_pretrained(SentenceTransformer('b'), 'models/one')")
    path = tmp_path / "notebook.ipynb"
    path.write_text(scenes.notebook(cells), encoding="utf-8")
    source = sources.read(str(path))
    assert isinstance(source, Source)
    loads = list(Names(source).loads())
    assert [(load.path, load.onto) for load in loads] == [((tmp_path / "models" / "one").as_posix(), ST)]


def test_what_no_person_writes_stays_unknown_and_ends() -> None:
    deep = "x = " + "(" * 3000 + "1" + ")" * 3000
    wide = "\n".join(f"x{number} = x{number - 1} + [x{number - 1}]" for number in range(1, 2000))
    recursive = "def f(x):\n    return f(f(x))\nf(SentenceTransformer('m'))\n"
    source = _read(IMPORTS, deep, wide, recursive, "m = SentenceTransformer('m')\nuse(m)")
    cell = source.cells[-1]
    values = Names(source).values(cell.index, Span(cell.text.index("use(m)") + 4, cell.text.index("use(m)") + 5))
    assert [it.classes for it in values if isinstance(it, Object)] == [(ST,)]


def test_a_cell_with_a_syntax_error_does_not_hide_its_neighbours() -> None:
    assert _what("(m)", IMPORTS, "def broken(:\n  = 3", "m = SentenceTransformer('m')\nuse((m))") == {
        "SentenceTransformer"
    }


def test_notebook_helper_writes_what_jupyter_reads() -> None:
    assert json.loads(scenes.notebook(("x = 1\n",)))["cells"][0]["source"] == ["x = 1\n"]
