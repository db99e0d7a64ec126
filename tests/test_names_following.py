"""Names followed through functions, classes, branches and files: small programs and a question about one name."""

from __future__ import annotations

from pathlib import Path

import pytest

import adapterlint
import scenes
from adapterlint.artifacts import source as sources
from adapterlint.artifacts.source import Source
from adapterlint.model import Span
from adapterlint.names import Names, Object, Text
from adapterlint.names.modules import Modules
from adapterlint.names.objects import Constant, Unknown

IMPORTS = "from peft import PeftModel\nfrom sentence_transformers import SentenceTransformer\n"
ST = "SentenceTransformer"


def _shown(values: tuple[object, ...]) -> set[str]:
    found = set()
    for value in values:
        if isinstance(value, Object):
            found.add(value.classes[0].rpartition(".")[2])
        elif isinstance(value, Text):
            found.add(value.value)
        elif isinstance(value, Constant):
            found.add(value.text)
        else:
            found.add("?" if isinstance(value, Unknown) else type(value).__name__)
    return found


def _used(program: str, folder: Path | None = None, name: str = "main.py", **files: str) -> set[str]:
    """What `x` may be in the last `use(x)` of the program, which may import the files beside it."""
    folder = folder or Path("nowhere")
    texts = {(folder / f"{stem}.py").as_posix(): text for stem, text in files.items()}
    path = (folder / name).as_posix()
    data = scenes.notebook([IMPORTS, program]) if name.endswith(".ipynb") else IMPORTS + program

    def read(path: str) -> Source | None:
        found = sources.read(path, texts[path].encode())
        return found if isinstance(found, Source) else None

    source = sources.read(path, data.encode())
    assert isinstance(source, Source)
    cell = source.cells[-1]
    start = cell.text.rindex("use(x)") + 4
    return _shown(Names(source, Modules([path, *texts], read)).values(cell.index, Span(start, start + 1)))


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        # what functions and methods return
        ("def f(n):\n    return SentenceTransformer(n)\nx = f('m')\nuse(x)", {ST}),
        ("def f():\n    m = SentenceTransformer('m')\n    return 1, m\n_, x = f()\nuse(x)", {ST}),
        ("def f():\n    return {'model': SentenceTransformer('m'), 'n': 1}\nx = f()['model']\nuse(x)", {ST}),
        ("def f(c):\n    if c:\n        return None\n    return SentenceTransformer('m')\nx = f(1)\nuse(x)",
         {ST, "None"}),
        ("def f(c):\n    if not c:\n        raise E\n    return SentenceTransformer('m')\nx = f(1)\nuse(x)", {ST}),
        ("def f():\n    def g():\n        return m\n    m = SentenceTransformer('m')\n    return g()\n"
         "x = f()\nuse(x)", {ST}),
        ("def f(m):\n    return lambda: m\nx = f(SentenceTransformer('m'))()\nuse(x)", {ST}),
        ("def f():\n    yield SentenceTransformer('m')\nfor x in f():\n    use(x)", {ST}),
        ("def g():\n    yield SentenceTransformer('m')\ndef f():\n    yield from g()\nfor x in f():\n    use(x)", {ST}),
        ("async def f():\n    return SentenceTransformer('m')\nasync def main():\n    x = await f()\n    use(x)", {ST}),
        ("import contextlib\n@contextlib.contextmanager\ndef f():\n    yield SentenceTransformer('m')\n"
         "with f() as x:\n    use(x)", {ST}),
        ("class M:\n    def __enter__(self):\n        return SentenceTransformer('m')\n    def __exit__(self, *a):\n"
         "        pass\nwith M() as x:\n    use(x)", {ST}),
        # parameters
        ("def f(x):\n    use(x)\nf(SentenceTransformer('m'))", {ST}),
        ("def f(a, *, x):\n    use(x)\nf(1, x=SentenceTransformer('m'))", {ST}),
        ("def f(a, /, x):\n    use(x)\nf(1, SentenceTransformer('m'))", {ST}),
        ("def f(*args):\n    x = args[1]\n    use(x)\nf(1, SentenceTransformer('m'))", {ST}),
        ("def f(**kw):\n    x = kw['m']\n    use(x)\nf(m=SentenceTransformer('m'))", {ST}),
        ("def f(n, x):\n    use(x)\nk = {'n': 1, 'x': SentenceTransformer('m')}\nf(**k)", {ST}),
        ("def f(n, x):\n    use(x)\nf(*[1, SentenceTransformer('m')])", {ST}),
        ("def f(b, x='models/one'):\n    use(x)\nf(SentenceTransformer('m'))", {"models/one"}),
        ("x = 'outer'\ndef f(x):\n    use(x)\n", {"?"}),
        ("x = 'outer'\ndef f(b, x=x):\n    use(x)\nf(SentenceTransformer('m'))", {"outer"}),
        ("x = SentenceTransformer('m')\ndef f(x: PeftModel):\n    use(x)\n", {"PeftModel"}),
        # attributes and classes
        ("class A:\n    def __init__(self):\n        self.m = SentenceTransformer('m')\n    def f(self):\n"
         "        x = self.m\n        use(x)\n", {ST}),
        ("class A:\n    m = SentenceTransformer('m')\nx = A.m\nuse(x)", {ST}),
        ("class A:\n    m = SentenceTransformer('m')\nx = A().m\nuse(x)", {ST}),
        ("class A:\n    @property\n    def m(self):\n        return SentenceTransformer('m')\nx = A().m\nuse(x)", {ST}),
        ("class A:\n    def __init__(self):\n        self._m = None\n    @property\n    def m(self):\n"
         "        return self._m\n    @m.setter\n    def m(self, v):\n        self._m = v\na = A()\n"
         "a._m = SentenceTransformer('m')\nx = a.m\nuse(x)", {ST}),
        ("class A:\n    @staticmethod\n    def f():\n        return SentenceTransformer('m')\nx = A.f()\nuse(x)", {ST}),
        ("class A:\n    @classmethod\n    def f(cls):\n        return cls()\n    def g(self):\n"
         "        return SentenceTransformer('m')\nx = A.f().g()\nuse(x)", {ST}),
        ("class A:\n    def f(self):\n        return SentenceTransformer('m')\nclass B(A):\n    pass\n"
         "x = B().f()\nuse(x)",
         {ST}),
        ("class A:\n    def __init__(self, m):\n        self.m = m\nclass B(A):\n    def __init__(self, m):\n"
         "        super().__init__(m)\nx = B(SentenceTransformer('m')).m\nuse(x)", {ST}),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int\n    m: object\n"
         "x = A(1, SentenceTransformer('m')).m\nuse(x)", {ST}),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    m: object\nx = A(m=SentenceTransformer('m')).m\n"
         "use(x)", {ST}),
        # containers
        ("x = {'a': SentenceTransformer('m'), 'b': 1}['a']\nuse(x)", {ST}),
        ("d = {}\nd['a'] = SentenceTransformer('m')\nx = d['a']\nuse(x)", {ST}),
        ("x = [SentenceTransformer(n) for n in 'ab'][0]\nuse(x)", {ST}),
        ("d = {n: SentenceTransformer(n) for n in 'ab'}\nfor x in d.values():\n    use(x)", {ST}),
        ("for _, x in [(1, SentenceTransformer('m'))]:\n    use(x)", {ST}),
        ("a, *b = 1, 2, SentenceTransformer('m')\nx = b\nuse(x)", {"?"}),
        # expressions
        ("x = SentenceTransformer('m') if c else None\nuse(x)", {ST, "None"}),
        ("m = None\nx = m or SentenceTransformer('m')\nuse(x)", {ST}),
        ("if (x := SentenceTransformer('m')):\n    use(x)", {ST}),
        ("p = 'models'\np += '/one'\nx = p\nuse(x)", {"models/one"}),
        ("x = 'models/{}'.format('one')\nuse(x)", {"models/one"}),
        ("x = 'models/%s' % 'one'\nuse(x)", {"models/one"}),
        ("x = 1 + 2\nuse(x)", {"?"}),
        ("import importlib\nx = importlib.import_module('peft').PeftModel\nuse(x)", {"?"}),
        # flow
        ("x = SentenceTransformer('m')\ndel x\nuse(x)", {"?"}),
        ("x = 'a'\nwhile c:\n    x = 'b'\nuse(x)", {"a", "b"}),
        ("while True:\n    x = 'a'\n    break\nuse(x)", {"a"}),
        ("for x in ['a', 'b']:\n    if x == 'a':\n        continue\nuse(x)", {"a", "b"}),
        ("x = 'a'\nfor n in ['one']:\n    x = 'b'\nuse(x)", {"b"}),
        ("x = 'a'\nfor n in names:\n    x = 'b'\n    break\nelse:\n    x = 'c'\nuse(x)", {"b", "c"}),
        ("try:\n    x = 'a'\nexcept E:\n    x = 'b'\nuse(x)", {"a", "b"}),
        ("try:\n    x = 'a'\nexcept E:\n    raise\nuse(x)", {"a"}),
        ("try:\n    f()\nexcept E:\n    x = 'b'\nelse:\n    x = 'c'\nuse(x)", {"b", "c"}),
        ("x = 'a'\ntry:\n    x = 'b'\n    f()\n    x = 'c'\nexcept E:\n    use(x)", {"a", "b", "c"}),
        ("x = 'a'\ntry:\n    if c:\n        x = 'b'\n        f()\n    x = 'c'\nfinally:\n    pass\nuse(x)", {"c"}),
        ("import contextlib\nx = 'a'\nwith contextlib.suppress(E):\n    x = 'b'\n    f()\nuse(x)", {"a", "b"}),
        ("match n:\n    case 1:\n        x = 'a'\n    case _:\n        x = 'b'\nuse(x)", {"a", "b"}),
        ("m = SentenceTransformer('m')\nmatch m:\n    case SentenceTransformer() as x:\n        use(x)", {ST}),
        ("match f():\n    case {'a': x}:\n        use(x)", {"?"}),
        ("def f():\n    global x\n    x = SentenceTransformer('m')\nf()\nuse(x)", {ST}),
        ("def f():\n    x = 'a'\n    def g():\n        nonlocal x\n        x = 'b'\n    g()\n    use(x)\nf()", {"b"}),
        ("if c:\n    x = 'a'\nelif d:\n    x = 'b'\nelse:\n    x = 'c'\nuse(x)", {"a", "b", "c"}),
        ("x = None\nif x is None:\n    x = 'a'\nuse(x)", {"a"}),
        ("from sentence_transformers import *\nx = SentenceTransformer('m')\nuse(x)", {ST}),
        ("x: PeftModel = load()\nuse(x)", {"PeftModel"}),
    ],
)  # fmt: skip
def test_followed(program: str, expected: set[str]) -> None:
    assert _used(program) == expected


def test_marimo_cells_are_functions_called_with_what_other_cells_return() -> None:
    program = (
        "import marimo\napp = marimo.App()\n"
        "@app.cell\ndef _():\n    from sentence_transformers import SentenceTransformer as S\n    return (S,)\n"
        "@app.cell\ndef _(S):\n    m = S('m')\n    return (m,)\n"
        "@app.cell(hide_code=True)\ndef _(m):\n    x = m\n    use(x)\n    return\n"
    )
    assert _used(program) == {ST}


LOADING = (
    IMPORTS
    + "def load_model(name='m'):\n    return SentenceTransformer(name)\nMODEL = load_model()\nPATH = 'models/one'\n"
)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("from loading import load_model\nx = load_model()\nuse(x)", {ST}),
        ("from loading import load_model as lm\nx = lm('n')\nuse(x)", {ST}),
        ("from loading import MODEL as x\nuse(x)", {ST}),
        ("from loading import PATH as x\nuse(x)", {"models/one"}),
        ("import loading\nx = loading.load_model()\nuse(x)", {ST}),
        ("import loading as l\nx = l.MODEL\nuse(x)", {ST}),
        ("from .loading import load_model\nx = load_model()\nuse(x)", {ST}),
        ("from . import loading\nx = loading.load_model()\nuse(x)", {ST}),
        ("from loading import *\nx = load_model()\nuse(x)", {ST}),
        ("def f():\n    from loading import load_model\n    x = load_model()\n    use(x)\nf()", {ST}),
        ("from loading import nothing\nx = nothing()\nuse(x)", {"?"}),
        ("from elsewhere import load_model\nx = load_model()\nuse(x)", {"?"}),
        ("from package.inner import load_model\nx = load_model()\nuse(x)", {ST}),
        ("import package.inner\nx = package.inner.load_model()\nuse(x)", {ST}),
    ],
)
@pytest.mark.parametrize("name", ["main.py", "main.ipynb"])
def test_another_file_of_the_run(program: str, expected: set[str], name: str) -> None:
    files = {"loading": LOADING, "package/__init__": "", "package/inner": LOADING}
    assert _used(program, None, name, **files) == expected


def test_files_that_import_each_other_end() -> None:
    one = "from two import g\ndef f():\n    return g()\n"
    two = IMPORTS + "from one import f\ndef g():\n    return SentenceTransformer('m')\n"
    assert _used("from one import f\nx = f()\nuse(x)", one=one, two=two) == {ST}


def _check(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> list[tuple[str, int | None, str]]:
    monkeypatch.chdir(folder)
    for stem, text in files.items():
        (folder / f"{stem}.py").write_text(text, encoding="utf-8")
    report = adapterlint.check(["."], target={"sentence-transformers": "5.1.0"})
    assert not report.crashed
    return [(it.place.path, it.place.line, it.rule) for it in report.findings]


WRAPPING = "from peft import PeftModel\ndef wrap(base):\n    return PeftModel.from_pretrained(base, 'models/one')\n"


def test_a_fault_in_a_helper_is_reported_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = "from sentence_transformers import SentenceTransformer\nfrom wrapping import wrap\n"
    main = caller + "m = wrap(SentenceTransformer('m'))\n"
    found = _check(tmp_path, monkeypatch, wrapping=WRAPPING, one=main, two=main)
    assert found == [("wrapping.py", 3, "peft-on-sentence-transformer")]


def test_a_helper_used_rightly_is_not_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = (
        "from sentence_transformers import SentenceTransformer\nfrom wrapping import wrap\n"
        "m = SentenceTransformer('m')\nwrap(m[0].auto_model)\n"
    )
    assert _check(tmp_path, monkeypatch, wrapping=WRAPPING, main=main) == []


def test_a_file_that_is_not_of_the_run_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrapping.py").write_text(WRAPPING, encoding="utf-8")
    main = IMPORTS + "from wrapping import wrap\nwrap(SentenceTransformer('m'))\n"
    (tmp_path / "main.py").write_text(main, encoding="utf-8")
    assert adapterlint.check(["main.py"]).findings == ()
