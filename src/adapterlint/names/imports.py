"""Imports: of libraries as symbols, of other files of the run by running them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adapterlint.knowledge.calls import LIBRARIES, canonical
from adapterlint.names.flow import Flow
from adapterlint.names.objects import UNKNOWN, Namespace, Symbol, Text
from adapterlint.names.scope import Scope
from adapterlint.names.where import Where

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.artifacts.source import Cell, Source
    from adapterlint.names.modules import Modules
    from adapterlint.names.objects import Values

FOREIGN = 1 << 24  # cells of other files are numbered from here on
_DEEPEST = 2  # files imported one by another
_MOST = 10  # files run for one source


class Imports(Flow):
    """Execution of import statements."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: Modules | None = None
        self.path = ""
        self.foreign: dict[int, tuple[Source, Cell]] = {}
        self._spaces: dict[str, Scope] = {}
        self._homes: list[str] = []  # the other files being run
        self._files = 0

    def _do_import_statement(self, node: SgNode) -> None:
        for it in node.field_children("name"):
            name, alias = it.field("name"), it.field("alias")
            dotted = (name or it).text()
            space = self._space(dotted)
            if space is not None:
                self._warmed(dotted, (alias.text() if alias is not None else dotted.split(".")[0],))
            if alias is not None:
                self.scope.set(alias.text(), (Namespace(space),) if space else (Symbol(canonical(dotted)),))
            elif "." not in dotted:
                self.scope.set(dotted, (Namespace(space),) if space else (Symbol(dotted),))
            else:
                self._package(dotted, space)

    def _package(self, dotted: str, space: Scope | None) -> None:
        """`import a.b` binds `a`, through which `a.b` is found."""
        root, *parts = dotted.split(".")
        if space is None:
            self.scope.set(root, (Symbol(root),))
            return
        outer = self._space(root) or Scope(like=self.scope)
        self.scope.set(root, (Namespace(outer),))
        for part in parts[:-1]:
            inner = Scope(like=self.scope)
            outer.set(part, (Namespace(inner),))
            outer = inner
        outer.set(parts[-1], (Namespace(space),))

    def _do_import_from_statement(self, node: SgNode) -> None:
        module = node.field("module_name")
        home = module.text() if module is not None else ""
        space = self._space(home)
        if any(it.kind() == "wildcard_import" for it in node.named_children()):
            self.stars += [home.split(".")[0]] if home.split(".")[0] in LIBRARIES else []
            for key, values in dict(space.names if space is not None else {}).items():
                if not key.startswith("_"):
                    self.scope.set(key, values)
                    self._warmed(home, (key,))
        for it in node.field_children("name"):
            name, alias = it.field("name") or it, it.field("alias")
            self.scope.set((alias or name).text(), self._imported_from(home, space, name.text()))
            if space is not None or home.startswith("."):
                self._warmed(home, ((alias or name).text(),))

    def lookup(self, name: str) -> Values:
        """As for any name; `__file__` of another file is known."""
        if name == "__file__" and self.cell in self.foreign and self.scope.get(name) is None:
            return (Text(Path(self._home()).absolute().as_posix()),)
        return super().lookup(name)

    def _imported_from(self, home: str, space: Scope | None, name: str) -> Values:
        if space is not None and name in space.names:
            return space.names[name]
        inner = self._space(f"{home}{name}" if home.endswith(".") else f"{home}.{name}")
        if inner is not None:
            return (Namespace(inner),)
        if space is not None or home.startswith("."):
            return UNKNOWN
        return (Symbol(canonical(f"{home}.{name}")),)

    def _warmed(self, module: str, names: tuple[str, ...]) -> None:
        """The names may hold models, or functions that do something to one: those of a file that matters."""
        path = self.modules.find(self._home(), module) if self.modules is not None else None
        if path is not None and self.modules is not None and self.modules.matter(path):
            self.bindings.update((name, "") for name in names)

    def _space(self, name: str) -> Scope | None:
        """The names of another file of the run, run when it is first imported; None where the name is none of those."""
        path = self.modules.find(self._home(), name) if self.modules is not None else None
        if path is None or self.modules is None:
            return None
        if path in self._spaces:
            return self._spaces[path]
        source = self.modules.source(path) if self._files < _MOST and len(self._homes) < _DEEPEST else None
        if source is None:
            return None
        self._files += 1
        self._spaces[path] = Scope(like=self.scope)
        self._file(source, self._spaces[path])
        return self._spaces[path]

    def _home(self) -> str:
        """The path of the file that is being run."""
        foreign = self.foreign.get(self.cell)
        return self.path if foreign is None else foreign[0].path

    def _file(self, source: Source, space: Scope) -> None:
        """Run the file. What it defines and nobody calls is not run here: it is looked at on its own."""
        state = self.scope, self.cell, self.where, self.jumps, self.again, self.stars
        listed = len(self.functions), len(self.classes)
        self.scope, self.jumps, self.stars = space, [], []
        self._homes.append(source.path)
        self.where = Where()
        for cell in source.cells:
            self.cell = FOREIGN + len(self.foreign)
            self.foreign[self.cell] = source, cell
            self.block(cell.root())
        self._homes.pop()
        self.scope, self.cell, self.where, self.jumps, self.again, self.stars = state
        del self.functions[listed[0] :], self.classes[listed[1] :]
