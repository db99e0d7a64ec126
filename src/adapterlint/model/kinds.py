"""The closed sets of words: severities, applicabilities, verdicts, faults, kinds of target."""

from __future__ import annotations

from enum import Enum, IntEnum


class Severity(IntEnum):
    """How sure the harm is; the words ast-grep uses. `error` cannot load or is not what was trained."""

    hint = 0
    info = 1
    warning = 2
    error = 3

    def __str__(self) -> str:
        return self.name


class Applicability(IntEnum):
    """What a fix promises: `safe` keeps every later use working, `unsafe` is likely meant, `display` is only shown."""

    display = 0
    unsafe = 1
    safe = 2

    def __str__(self) -> str:
        return self.name


class Status(Enum):
    """The answer for one adapter. Order of definition is order of precedence: the first that applies is the verdict."""

    unreadable = "unreadable"
    loads_nothing = "loads nothing"
    inert = "inert"
    wrong = "wrong"
    partly_loaded = "partly loaded"
    not_checked = "not checked"
    unknown = "unknown"
    works = "works"

    def __str__(self) -> str:
        return self.value


class Fault(Enum):
    """What is the matter with an artifact that could not be read."""

    missing = "missing"
    denied = "denied"
    empty = "empty"
    lfs_pointer = "lfs-pointer"
    html = "html"
    encoding = "encoding"
    syntax = "syntax"
    shape = "shape"
    truncated = "truncated"
    damaged = "damaged"
    unsupported = "unsupported"


class TargetKind(Enum):
    """`adapter`: a folder or a lone file of one; `source`: .py or .ipynb; `model`: a full model, counted only."""

    adapter = "adapter"
    source = "source"
    model = "model"
