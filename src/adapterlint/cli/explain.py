"""`adapterlint explain`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from adapterlint.cli.guard import guarded
from adapterlint.errors import UsageError

if TYPE_CHECKING:
    from adapterlint.model import Example, ExampleTensor, Rule

WIDTH = 92


def explain(rule: Annotated[str, typer.Argument(help="The id of a rule, as a report prints it.")]) -> None:
    """Say why a rule is there, what it looks like, and how to mend what it finds."""
    with guarded():
        from adapterlint.cli.output import write
        from adapterlint.rulebook import Rulebook
        from adapterlint.settings import load, nearest

        book = Rulebook(load().rules)
        if rule not in book:
            raise UsageError(f"there is no rule {rule!r}", nearest(rule, list(book)) or "adapterlint rules lists them")
        write(page(book[rule]))


def page(rule: Rule) -> str:
    """All that is known of a rule, to be read in a terminal."""
    fix = "can be mended with --autofix" if rule.fixable else "is not mended automatically"
    lines = [f"{rule.id}: {rule.summary}", "", f"{rule.severity} at most, family {rule.family}, {fix}", ""]
    lines += prose(rule.why)
    for example in rule.examples:
        lines += ["", *shown(example)]
    if rule.references:
        lines += ["", "References", *(f"  {reference}" for reference in rule.references)]
    return "\n".join(lines) + "\n"


def prose(text: str) -> Iterator[str]:
    """Paragraphs filled to the width; what is indented is code, and stays as it is."""
    import textwrap

    for index, paragraph in enumerate(textwrap.dedent(text).strip("\n").split("\n\n")):
        if index:
            yield ""
        if paragraph.startswith((" ", "- ", "* ")):
            yield from paragraph.splitlines()
        else:
            yield from textwrap.wrap(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def shown(example: Example) -> Iterator[str]:
    """An example as files, cells and tensors."""
    yield f"{'Reported' if example.fires else 'Not reported'}: {example.title}"
    if example.versions:
        yield "  " + ", ".join(f"{package} {version}" for package, version in example.versions.items())
    if example.config is not None:
        import json

        yield "  adapter/adapter_config.json"
        yield from indented(json.dumps(example.config, indent=2))
    for name, tensors in (("safetensors", example.tensors), ("bin", example.pickled)):
        if tensors is not None:
            yield f"  adapter/adapter_model.{name}"
            yield from table_of(tensors)
    for path, content in example.files.items():
        yield f"  {path}"
        yield from indented(excerpt(content))
    for index, cell in enumerate(example.cells):
        yield f"  notebook.ipynb, cell {index}"
        yield from indented(cell)
    for index, cell in enumerate(example.fixed or ()):
        if cell != example.cells[index]:
            yield f"  cell {index}, mended"
            yield from indented(cell)


def table_of(tensors: Mapping[str, ExampleTensor]) -> Iterator[str]:
    """One line for each tensor."""
    for name, tensor in tensors.items():
        shape = " × ".join(map(str, tensor.shape)) or "scalar"
        values = f"{tensor.value:g} and so on" if tensor.varied else f"all {tensor.value:g}"
        yield f"    {name}   {tensor.dtype} {shape}, {values}"


def excerpt(content: str | bytes, limit: int = 400) -> str:
    """The beginning of a file, bytes that are no text as escapes."""
    text = content if isinstance(content, str) else content.decode("utf-8", "backslashreplace")
    text = "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)
    if not text:
        return "(empty)"
    return text if len(text) <= limit else text[:limit] + " …"


def indented(text: str) -> Iterator[str]:
    """The lines of `text`, set off."""
    for line in text.rstrip("\n").splitlines():
        yield f"    {line}".rstrip()
