"""A pickle read as data: the shape of what it would build, found without importing or calling anything.

`pickletools.genops` decodes the opcodes; a small stack machine puts together containers and, in place of every
object that unpickling would import or call, a note of what it is. Time and memory are linear in the pickle.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

OPCODE_LIMIT = 5_000_000  # a tensor takes about 30; beyond this a reader would wait for minutes


class PickleError(ValueError):
    """Not a pickle, or a damaged one; the message is a clause that says why."""


class PickleLimitError(PickleError):
    """More than adapterlint reads."""


@dataclass(frozen=True, slots=True)
class Global:
    """Something the pickle would import: `name` is module and qualified name ("torch._utils._rebuild_tensor_v2")."""

    name: str


@dataclass(frozen=True, slots=True)
class Persistent:
    """A reference to something outside the pickle; torch puts storages there."""

    id: Any


class Table(dict[str, Any]):
    """A dict's entries under string keys. Other keys are left out: hashing what a stranger nested may take for ever."""


@dataclass(eq=False, slots=True)
class Call:
    """What calling `callee` with `args` would give, and what would be put into it afterwards."""

    callee: Any
    args: Any
    entries: Table = field(default_factory=Table)


@dataclass(frozen=True, slots=True)
class Pickle:
    """What a pickle would build (`value`), and the qualified names it would import, in order."""

    value: Any
    globals: tuple[str, ...]


def read_pickle(data: bytes) -> Pickle:
    """The value described by the first pickle in `data`. Raises PickleError; never runs anything."""
    return _Machine().run(data)


def globals_of(data: bytes, most: int = 8) -> tuple[str, ...]:
    """What the pickles that stand one after the other in `data` would import, up to the first that breaks off."""
    stream = BytesIO(data)
    names: dict[str, None] = {}
    for _ in range(most):
        machine = _Machine()
        try:
            machine.run(stream)
        except PickleError:
            break
        finally:
            names.update(machine.globals)
    return tuple(names)


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []  # the stacks below each open MARK, as in pickle.py
        self.memo: dict[int, Any] = {}
        self.globals: dict[str, None] = {}

    def run(self, data: bytes | BytesIO) -> Pickle:
        try:
            for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
                if count > OPCODE_LIMIT:
                    raise PickleLimitError("a pickle of millions of steps, more than adapterlint reads")
                handler = _HANDLERS.get(opcode.name)
                if handler is not None:
                    handler(self, argument)
                elif opcode.name == "STOP":
                    return Pickle(self.stack.pop(), tuple(self.globals))
                else:
                    self.stack.append(argument)
        except PickleError:
            raise
        except (IndexError, KeyError, TypeError):
            raise PickleError("damaged: its pickle uses what it never put down") from None
        except (ValueError, OverflowError) as error:
            if "exhausted" in str(error):
                raise PickleError("damaged: its pickle ends too early") from None
            raise PickleError(f"damaged: its pickle cannot be decoded ({str(error)[:80]})") from None
        raise PickleError("damaged: its pickle has no end")

    def ignore(self, _: Any) -> None:
        """Opcodes about the pickle itself."""

    def true(self, _: Any) -> None:
        self.stack.append(True)

    def false(self, _: Any) -> None:
        self.stack.append(False)

    def mark(self, _: Any) -> None:
        self.outer.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.outer.pop()
        return items

    def pop(self, _: Any) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def drop_marked(self, _: Any) -> None:
        self.pop_mark()

    def duplicate(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def put(self, index: Any) -> None:
        self.memo[len(self.memo) if index is None else int(index)] = self.stack[-1]

    def get(self, index: Any) -> None:
        self.stack.append(self.memo[int(index)])

    def empty_list(self, _: Any) -> None:
        self.stack.append([])

    def empty_table(self, _: Any) -> None:
        self.stack.append(Table())

    def empty_tuple(self, _: Any) -> None:
        self.stack.append(())

    def list_of_marked(self, _: Any) -> None:
        items = self.pop_mark()
        self.stack.append(items)

    def tuple_of_marked(self, _: Any) -> None:
        items = self.pop_mark()
        self.stack.append(tuple(items))

    def table_of_marked(self, _: Any) -> None:
        items = self.pop_mark()
        self.stack.append(Table())
        self._store(items)

    def tuple_of(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def append(self, _: Any) -> None:
        item = self.stack.pop()
        self._extend([item])

    def append_marked(self, _: Any) -> None:
        self._extend(self.pop_mark())

    def _extend(self, items: list[Any]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(items)

    def set_item(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._store([key, value])

    def set_marked(self, _: Any) -> None:
        self._store(self.pop_mark())

    def _store(self, items: list[Any]) -> None:
        target = self.stack[-1]
        table = target.entries if isinstance(target, Call) else target
        if isinstance(table, Table):
            for key, value in zip(items[::2], items[1::2], strict=True):
                if isinstance(key, str):
                    table[key] = value

    def global_name(self, argument: Any) -> None:
        self._import(*str(argument).split(" ", 1))

    def stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self._import(module if isinstance(module, str) else "?", name if isinstance(name, str) else "?")

    def extension(self, argument: Any) -> None:
        self._import("copyreg", f"extension {argument}")

    def _import(self, module: str, name: str) -> None:
        qualified = f"{module}.{name}"
        self.globals[qualified] = None
        self.stack.append(Global(qualified))

    def reduce(self, _: Any) -> None:
        args, callee = self.stack.pop(), self.stack.pop()
        self.stack.append(_called(callee, args))

    def new_object_with_keywords(self, _: Any) -> None:
        _, args, callee = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.stack.append(_called(callee, args))

    def object_of_marked(self, _: Any) -> None:
        callee, *args = self.pop_mark()
        self.stack.append(_called(callee, tuple(args)))

    def instance(self, argument: Any) -> None:
        args = self.pop_mark()
        self.global_name(argument)
        self.stack.append(_called(self.stack.pop(), tuple(args)))

    def build(self, _: Any) -> None:
        if len(self.stack) < 2:
            raise IndexError
        self.stack.pop()  # the state of an object is of no use here: tensors do not live in it

    def persistent(self, argument: Any) -> None:
        self.stack.append(Persistent(self.stack.pop() if argument is None else argument))


def _called(callee: Any, args: Any) -> Any:
    """A table for the calls that make one, as torch's state dicts do, else a note of the call."""
    if isinstance(callee, Global) and callee.name == "collections.OrderedDict":
        table = Table()
        pairs = args[0] if isinstance(args, tuple) and args and isinstance(args[0], list) else []
        for pair in pairs:
            if isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str):
                table[pair[0]] = pair[1]
        return table
    return Call(callee, args)


_HANDLERS: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "READONLY_BUFFER"), _Machine.ignore),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), _Machine.empty_list),
    **dict.fromkeys(("LIST", "FROZENSET"), _Machine.list_of_marked),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), _Machine.append_marked),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _Machine.reduce),
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), _Machine.extension),
    **dict.fromkeys(("PERSID", "BINPERSID"), _Machine.persistent),
    "NEWTRUE": _Machine.true,
    "NEWFALSE": _Machine.false,
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.drop_marked,
    "DUP": _Machine.duplicate,
    "EMPTY_DICT": _Machine.empty_table,
    "EMPTY_TUPLE": _Machine.empty_tuple,
    "TUPLE": _Machine.tuple_of_marked,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "DICT": _Machine.table_of_marked,
    "APPEND": _Machine.append,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_marked,
    "GLOBAL": _Machine.global_name,
    "STACK_GLOBAL": _Machine.stack_global,
    "INST": _Machine.instance,
    "OBJ": _Machine.object_of_marked,
    "NEWOBJ_EX": _Machine.new_object_with_keywords,
    "BUILD": _Machine.build,
}
