"""What happens to objects: the calls that do something, and the events they leave on the objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapterlint.names.objects import is_none

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from adapterlint.names.objects import Site, Values
    from adapterlint.names.where import Where


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an object. `order` counts through the run; `detail` is a member, callee or name.

    Kinds: member, item, passed, returned, stored (in a container whose elements are followed), kept (where it is not
    followed), bound, wrapped, assigned; and the kinds of `knowledge.effects`, each with the `act` that did it.
    `among` are all possibilities of the expression it happened through, the object being one of them.
    `again` says that it counts once more, because nothing says how often the function it happens in is called.
    """

    kind: str
    detail: str
    site: Site
    order: int
    where: Where
    among: Values = ()
    act: Act | None = None
    again: bool = False

    @property
    def sure(self) -> bool:
        """Whether the expression it happened through can be no other object."""
        return len([it for it in self.among if not is_none(it)]) == 1

    @property
    def repeated(self) -> bool:
        """Whether it happens in a second turn of a loop, or once more in a function that may be called often."""
        return self.again or any(turn for _, turn in self.where.turns)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as written. `name` is its keyword or, for a positional one, the parameter it fills if known."""

    name: str | None
    keyword: bool
    site: Site
    values: Values
    splat: bool = False


@dataclass(eq=False, slots=True)
class Act:
    """One call of a library function or of a method, as it happened at one moment of the run.

    `call` is the qualified name by the class that defines it ("torch.nn.Module.eval"); `kind` is what knowledge says
    it does, "" for nothing known; `subject` is whom it is done to, `results` what comes back, `adapter` the values
    that name the adapter, `base` those that name the base model. An object's event of that kind points back here.
    `node` is the call as written.
    """

    call: str
    kind: str
    site: Site
    order: int
    where: Where
    arguments: tuple[Argument, ...]
    subject: Values = ()
    results: Values = ()
    adapter: Values = ()
    base: Values = ()
    node: SgNode | None = None

    @property
    def dropped(self) -> bool:
        """Whether the call is a statement of its own, so that what comes back is lost."""
        parent = self.node.parent() if self.node is not None else None
        return parent is not None and parent.kind() == "expression_statement"

    def argument(self, name: str) -> Argument | None:
        """The argument that fills the parameter."""
        return next((it for it in self.arguments if it.name == name), None)
