"""Plan files read: from a path to a Plan, or to one error that names every mistake.

The steps: bytes (here), YAML (`composer`), types (`type_check`), rules (`to_plan`),
warnings (`warnings`). Each finds all it can before the next begins.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, inspect

from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Plan
from porch_tui.errors import PlanError, PlanValueError
from porch_tui.planfile.each.expansion import expand
from porch_tui.planfile.each.items import NO_ITEMS, ItemSource
from porch_tui.planfile.keys.plan_keys import PlanDocument
from porch_tui.planfile.text.composer import compose
from porch_tui.planfile.text.mistakes import Findings, KeyPath, Place, PlanMistakes, PlanWarning, Refused
from porch_tui.planfile.text.nodes import Entry, ListNode, MapNode, Node, Scalar, entry_at
from porch_tui.planfile.text.source import Made, Source, inherited
from porch_tui.planfile.text.type_check import Shape
from porch_tui.planfile.values.to_plan import plan_of
from porch_tui.planfile.warnings import add_warnings

MAX_BYTES = 4 * 1024 * 1024
_ABSENT = "`porch init` writes one that fits this repository, or name another"


ON = "--on"
"""The option whose mistakes are called by its name."""
NOTHING = Plan("", ())
TRIES = frozenset({"tries", "agents"})
"""Keys of a task that make several of it."""


class PlanFile(Struct, frozen=True):
    """A plan as its file says it, and what its author may want to look at again."""

    plan: Plan
    warnings: tuple[PlanWarning, ...]
    file: str
    """What mistakes call it."""
    root: Node
    """Its values with their places."""
    content: bytes = b""
    """What was read."""
    made: dict[str, Made] = {}
    """The tasks of `each`, and where they are from."""
    items: ItemSource = NO_ITEMS
    """What was asked for the items of `each`."""
    on: tuple[str, ...] = ()
    """What stands for the plan's `place`, as `--on` names it; empty: nothing."""

    def placed(self, error: PlanValueError) -> PlanMistakes:
        """Return what does not fit the repository as mistakes of this file, each with its line."""
        source = Source(self.root, Findings(), made=self.made)
        for key, text in error.mistakes:
            source.refuse(self._path(source, key), text)
        return PlanMistakes(self.file, source.found.mistakes)

    def warned(self, about: Iterable[tuple[KeyPath, str]]) -> tuple[PlanWarning, ...]:
        """Return what its author may want to look at again, each with its line."""
        source = Source(self.root, Findings(), made=self.made)
        for key, text in about:
            source.warn(self._path(source, key), text)
        return source.found.warnings

    def _path(self, source: Source, key: KeyPath) -> KeyPath:
        """Return where a value is written."""
        match key:
            case ("tasks", str() as task, str() as name):  # it may be in `defaults`
                return source.task_path(task, name)
            case (*to_list, int()) if isinstance(entry_at(self.root, tuple(to_list)).node, Scalar):
                return tuple(to_list)  # one that is written without a list
            case _:
                return key


def read_plan(
    path: Path,
    items: ItemSource = NO_ITEMS,
    others: frozenset[str] = frozenset(),
    on: tuple[str, ...] = (),
) -> PlanFile:
    """Return the plan in the file at `path`; `others` are tasks that its own may come after.

    `on` are places instead of those of its `place`. PlanError if there is no such file or it cannot be
    read; PlanMistakes, a PlanError with all of them, if anything in it is wrong.
    """
    return plan_from(content_of(path), str(path), path.stem, items, others, on=on)


def plan_from(
    content: bytes,
    file: str,
    stem: str,
    items: ItemSource = NO_ITEMS,
    others: frozenset[str] = frozenset(),
    *,
    on: tuple[str, ...] = (),
) -> PlanFile:
    """Return the plan in `content`; `file` is what mistakes call it, `stem` its name if it gives none.

    `items` is asked for what the plan's `each` is about.
    """
    with refusing(file) as found:
        read = PlanFile(NOTHING, (), file, _placed(compose(content, found), on), content, items=items, on=on)
        return _decoded(read, Source(read.root, found, others), stem)


def plan_of_nodes(root: Node, file: str, stem: str, content: bytes, on: tuple[str, ...] = ()) -> PlanFile:
    """Return the plan that values make which were in no file; `content` is them as one."""
    with refusing(file) as found:
        read = PlanFile(NOTHING, (), file, _placed(root, on), content, on=on)
        return _decoded(read, Source(read.root, found), stem)


def _placed(root: Node, on: tuple[str, ...]) -> Node:
    """Return the values of a plan with `place` as an option says it, if it does."""
    if not on or not isinstance(root, MapNode):
        return root
    option = Place(0, 0, ON)
    words = ListNode(option, tuple(Scalar(option, word, word) for word in on))
    return MapNode(root.place, root.entries | {"place": Entry(option, words)})


def _decoded(read: PlanFile, source: Source, stem: str) -> PlanFile:
    found = source.found
    plan = decoded(source, stem, read.items)
    if not found.mistakes:
        add_warnings(plan, source)
    return replace(read, plan=plan, warnings=found.warnings, made=source.made)


@contextmanager
def refusing(file: str) -> Iterator[Findings]:
    """Yield what takes the mistakes of a file; PlanMistakes at the end if there are any."""
    found = Findings()
    try:
        yield found
    except Refused:
        raise PlanMistakes(file, found.mistakes) from None
    if found.mistakes:
        raise PlanMistakes(file, found.mistakes)


def decoded(source: Source, stem: str, items: ItemSource, taken: Collection[str] = frozenset()) -> Plan:
    """Return the plan that the values of a file make, not to be used if there are mistakes in them.

    `taken` are ids that no task which `each` makes may get.
    """
    found = source.found
    values = Shape(found).plain(source.root, inspect.type_info(PlanDocument))
    match values:
        case {"defaults": dict(defaults), "tasks": dict(tasks)}:
            for task, own in tasks.items():
                tasks[task] = inherited(source.written("tasks", task), defaults) | own
    if isinstance(values, dict):
        expand(values, source, items, taken)
        if any(isinstance(task, dict) and task.keys() & TRIES for task in values.get("tasks", {}).values()):
            from porch_tui.planfile.each.tries import expand_tries  # few plans have them

            expand_tries(values, source)
        if not source.written() & {"tasks", "each"}:
            source.refuse((), "found no 'tasks' here; expected that key")
    try:
        document = msgspec.convert(values, PlanDocument)
    except msgspec.ValidationError as error:
        # What `Shape` found wrong is left out, and something required may be among it.
        raise found.refuse(source.root.place, (), str(error)) if not found.mistakes else Refused from None
    return plan_of(document, source, stem)


def content_of(path: Path, what: str = "the plan", absent: str = _ABSENT) -> bytes:
    """Return a file's bytes; PlanError if it cannot be read. `what` is it called, `absent` what to do then.

    Looks at its size first, and opens nothing that could block.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PlanError(f"{path}: cannot read {what}: it is a folder; name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise PlanError(f"{path}: cannot read {what}: it is not an ordinary file; copy it into one")
        if status.st_size <= MAX_BYTES:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) <= MAX_BYTES:
                return content
    except (FileNotFoundError, NotADirectoryError):
        raise PlanError(f"{path}: cannot read {what}: there is no such file; {absent}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PlanError(f"{path}: cannot read {what}: {reason}; make it readable or name another") from None
    raise PlanError(f"{path}: cannot read {what}: it is larger than 4 MiB; is it the right file?")
