"""The walls of the house: who imports whom, what a command may load, how long a module grows, no machine's paths."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "adapterlint"
MODULES = sorted(SOURCE.rglob("*.py"))

# Whom each part may import beside itself; all may import `model` and `errors`. A line here is a line of the design.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "globs": set(),
    "gitignore": set(),
    "folders": {"artifacts", "knowledge", "loadplan"},
    "knowledge": set(),
    "settings": {"globs"},
    "artifacts": {"knowledge"},
    "names": {"artifacts", "knowledge"},
    "loadplan": {"artifacts", "knowledge"},
    "histories": {"names", "artifacts", "knowledge", "loadplan"},
    "checks": {"artifacts", "names", "histories", "loadplan", "knowledge"},
    "predicates": {"names", "knowledge"},
    "patterns": {"predicates", "names", "artifacts"},
    "rulebook": {"checks", "patterns", "knowledge"},
    "discover": {"artifacts", "knowledge", "settings", "folders", "gitignore", "globs"},
    "ignores": {"artifacts", "globs"},
    "writing": set(),
    "edits": {"artifacts", "writing"},
    "verdict": {"artifacts", "loadplan"},
    "inputs": {"artifacts", "names", "loadplan", "knowledge"},
    "alike": {"inputs"},
    "reading": {"inputs", "artifacts", "names"},
    "spread": {"inputs"},
    "engine": {
        "rulebook",
        "reading",
        "alike",
        "spread",
        "inputs",
        "artifacts",
        "names",
        "loadplan",
        "knowledge",
        "verdict",
        "ignores",
    },
    "session": {"discover", "rulebook", "engine", "edits", "ignores", "settings"},
    "rehearsal": {"rulebook", "session", "settings"},
    "inspection": {"session", "discover", "settings", "artifacts", "loadplan"},
    "report": set(),
    "runtime": {"session", "artifacts", "loadplan", "knowledge"},
    "cli": {"session", "inspection", "rehearsal", "rulebook", "settings", "report", "runtime"},
    "__init__": {"session"},
    "__main__": {"cli"},
}
# Inside a command only, so that a command pays for none that it does not use.
ON_USE = {"cli": {"report", "runtime"}, "__init__": {"session"}}
HEAVY = {"torch", "transformers", "peft", "sentence_transformers"}


def name_of(path: Path) -> str:
    """The dotted name of a module of the package, without the package's own name ("cli.check", "__init__")."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts if len(parts) == 1 else parts[: -1 if parts[-1] == "__init__" else None])


def part_of(module: str) -> str:
    return module.split(".")[0]


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Each module that `path` imports, absolutely named, with its line and whether that is at import time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) or is_for_types_only(n)]
    inside = {id(n) for block in late for n in ast.walk(block)}
    package = ["adapterlint", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{source}.{alias.name}" for alias in node.names] if source == "adapterlint" else [source]
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("import_module")
            and node.args
            and isinstance(node.args[0], (ast.JoinedStr, ast.Constant))
        ):
            names = [ast.unparse(node.args[0]).lstrip("f").strip("'\"")]
        yield from ((name, node.lineno, id(node) not in inside) for name in names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    module = name_of(path)
    part = part_of(module)
    assert part in MAY_IMPORT, f"{part} has no line in MAY_IMPORT: say what it may import"
    wrong = []
    for name, line, early in imports(path):
        if not name.startswith("adapterlint."):
            continue
        other = name.split(".")[1]
        allowed = {part, "model", "errors"} | MAY_IMPORT[part]
        if other.startswith("__version__") or other == "__init__":
            continue
        if other not in allowed:
            wrong.append(f"line {line}: {part} may not import {other}")
        elif early and other in ON_USE.get(part, set()):
            wrong.append(f"line {line}: {part} may import {other} inside a function only")
    assert not wrong


def test_no_check_imports_another_check() -> None:
    wrong = [
        f"{path.name}:{line} {name}"
        for path in MODULES
        if path.parent.name == "checks"
        for name, line, _ in imports(path)
        if name.startswith("adapterlint.checks")
    ]
    assert not wrong


def test_only_the_runtime_folder_imports_the_model_libraries() -> None:
    wrong = [
        f"{name_of(path)}:{line} {name}"
        for path in MODULES
        if part_of(name_of(path)) != "runtime"
        for name, line, _ in imports(path)
        if name.split(".")[0] in HEAVY
    ]
    assert not wrong


def test_model_and_errors_need_the_standard_library_only() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in MODULES
        if part_of(name_of(path)) in ("model", "errors")
        for name, line, _ in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("adapterlint.model", "{__name__}."))
    ]
    assert not wrong


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its parameters, which are the options of a command and no one's logic."""
    lines = {arg.lineno for arg in ast.walk(function.args) if isinstance(arg, (ast.arg, ast.expr))}
    return (function.end_lineno or 0) - function.lineno + 1 - len(lines)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 300, "a module that outgrows 300 lines is two things"
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = [f"{node.name} at line {node.lineno}: {length(node)}" for node in functions if length(node) >= 40]
    assert not long, "a function that outgrows 40 lines is two things"


def modules_after(program: str, folder: Path, environment: dict[str, str] | None = None) -> set[str]:
    """Every module in a fresh interpreter once it has run `program` in `folder`."""
    command = [sys.executable, "-c", program + "\nimport sys\nprint('\\n' + ' '.join(sys.modules))"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.splitlines()[-1].split())


def loaded_by(program: str, folder: Path) -> set[str]:
    """The same, by the top-level packages alone."""
    return {module.split(".")[0] for module in modules_after(program, folder)}


COMMAND = """
import sys
sys.argv = ["adapterlint", *{arguments!r}]
from adapterlint.cli import main
try:
    main()
except SystemExit as end:
    assert end.code in (0, None, 1), end.code
"""
LOAD = "from peft import PeftModel\nmodel = PeftModel.from_pretrained(base, 'somewhere')\n"
AT_NO_START = HEAVY | {"numpy", "pydantic", "nbformat", "yaml", "ast_grep_py", "rich", "jsonschema", "IPython"}


def baseline(folder: Path) -> set[str]:
    """What the interpreter itself has loaded, .pth files of the environment included."""
    return loaded_by("pass", folder)


def test_import_adapterlint_loads_nothing_heavy(tmp_path: Path) -> None:
    assert not (loaded_by("import adapterlint", tmp_path) - baseline(tmp_path)) & AT_NO_START


def test_check_on_sources_without_a_word_that_matters_loads_nothing_heavy(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"module_{number}.py").write_text("import json\n\nprint(json.dumps({}))\n", encoding="utf-8")
    loaded = loaded_by(COMMAND.format(arguments=["check", "."]), tmp_path) - baseline(tmp_path)
    assert not loaded & AT_NO_START


def test_check_on_sources_loads_no_numpy(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(LOAD, encoding="utf-8")
    loaded = loaded_by(COMMAND.format(arguments=["check", "."]), tmp_path) - baseline(tmp_path)
    assert not loaded & (HEAVY | {"numpy", "nbformat"})
    assert "ast_grep_py" in loaded


def test_check_on_sources_reads_the_shelf_of_yaml_once(tmp_path: Path) -> None:
    """Where Python keeps compiled modules, what the rules say is kept as well, and YAML is parsed no more."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "load.py").write_text(LOAD, encoding="utf-8")
    outside = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment = {**outside, "PYTHONPYCACHEPREFIX": str(tmp_path / "kept")}
    program = COMMAND.format(arguments=["check", "."])
    first, second = (modules_after(program, project, environment) for _ in range(2))
    assert "yaml" in first and "adapterlint.patterns" in second
    assert not {"yaml", "pydantic", "pydantic_core"} & second


def checks_loaded(folder: Path) -> dict[str, set[str]]:
    """The modules of rules that `check` imports in `folder`, and the parameters of each one's check or refine."""
    loaded = modules_after(COMMAND.format(arguments=["check", "."]), folder)
    found = {}
    for path in (SOURCE / "checks").glob("*.py"):
        if f"adapterlint.checks.{path.stem}" in loaded:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            functions = [it for it in tree.body if isinstance(it, ast.FunctionDef) and it.name in ("check", "refine")]
            found[path.stem] = {arg.arg for it in functions for arg in it.args.args}
    return found


def test_check_on_sources_imports_no_rule_about_adapters(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(LOAD, encoding="utf-8")
    loaded = checks_loaded(tmp_path)
    assert len(loaded) > 10
    assert not [name for name, reads in loaded.items() if reads & {"target", "config", "weights", "plan", "base"}]


def test_check_on_adapters_imports_no_rule_about_sources(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 8}', encoding="utf-8")
    loaded = checks_loaded(tmp_path)
    assert len(loaded) > 10
    assert not [name for name, reads in loaded.items() if reads & {"source", "names", "match", "ignores"}]


@pytest.mark.parametrize("arguments", [["--version"], ["rules"], ["explain", "inert-adapter"]], ids=" ".join)
def test_the_other_commands_load_no_numpy(arguments: list[str], tmp_path: Path) -> None:
    loaded = loaded_by(COMMAND.format(arguments=arguments), tmp_path) - baseline(tmp_path)
    assert not loaded & (HEAVY | {"numpy", "nbformat"})


def test_no_file_holds_a_path_of_a_machine() -> None:
    """Nothing shipped names a folder of someone's machine; no test or example names this checkout's or its owner's."""
    own = {str(ROOT), str(Path.home())} - {"/", "C:\\"}
    here = re.compile("|".join(rf"{re.escape(folder)}\b" for folder in sorted(own)))
    anyones = re.compile(r"(?<![\w.$}>\]-])/(?:home|Users|root|work|mnt|scratch)/[A-Za-z]")
    texts = [ROOT / "pyproject.toml", *ROOT.glob("*.md")]
    for folder in ("src", "rules", "benchmarks", ".ci", "examples", "tests"):
        texts += [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    wrong = []
    for path in texts:
        place = path.relative_to(ROOT)
        if any(part.startswith(".") and part != ".ci" for part in place.parts):
            continue
        text = path.read_bytes().decode("utf-8", "ignore")
        patterns = (here,) if place.parts[0] in ("tests", "examples") else (here, anyones)
        wrong += [f"{place.as_posix()}: {found.group()}" for pattern in patterns for found in pattern.finditer(text)]
    assert not wrong
