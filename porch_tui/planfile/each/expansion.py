"""Entries of `each` made into tasks, one for each item or batch of them, before the plan is decoded.

What a task says is the entry's own, with the item filled in, so every rule for tasks holds for these as
well, and a mistake is one in the lines of the entry.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from porch_tui.core.model.plan import CommandLine, from_shell
from porch_tui.planfile.each.item_templates import (
    PLACEHOLDER,
    Items,
    Unquotable,
    filled,
    filled_commands,
)
from porch_tui.planfile.each.items import ItemsError, ItemSource, matching
from porch_tui.planfile.keys.plan_keys import MAX_TASKS
from porch_tui.planfile.text.mistakes import KeyPath, Refused, shown
from porch_tui.planfile.text.source import Made, Source, inherited

OWN_KEYS = frozenset({"id", "items", "batch", "max_fail"})
"""Keys of an entry that its tasks do not have."""
LONGEST_ID = 64
WAYS = ("glob", "list", "lines")
GROUP_WITHOUT_NAME = "each"


def expand(
    values: dict[str, Any], source: Source, items: ItemSource, taken: Collection[str] = frozenset()
) -> None:
    """Replace the entries of `each` in a plan's values by their tasks; `source` learns where those are from.

    `taken` are ids that no task may get.
    """
    entries = values.pop("each", None)
    if entries is None and "each" in source.written():
        raise Refused("each")  # what was written there is wrong, and others may name its groups
    tasks: dict[str, Any] = values.setdefault("tasks", {}) if entries else {}
    used = {*source.written("tasks"), *taken}
    names = _names(entries or (), used, source)
    used.update(names.values())
    for at, name in names.items():
        made = source.groups[name] = []
        parts = _parts(entries[at], ("each", at), _commit(values), source, items)
        if len(tasks) + len(parts) > MAX_TASKS:
            text = f"makes {len(parts):,} tasks, and a plan may have {MAX_TASKS:,}"
            source.refuse(("each", at, "items"), f"{text}; give several items to one task by 'batch'")
            continue
        for part, task in _tasks(entries[at], parts, at, values.get("defaults"), source):
            id = unused(filled_id(entries[at]["id"], part), used)
            used.add(id)
            made.append(id)
            source.made[id] = Made(("each", at), name, shown_items(part), entries[at].get("max_fail"))
            tasks[id] = task


def _tasks(
    entry: Mapping[str, Any], parts: Sequence[Items], at: int, defaults: Any, source: Source
) -> Iterator[tuple[Items, dict[str, Any]]]:
    """Yield the values of each task of an entry; nothing more after a mistake, as the rest have it too."""
    own = {key: value for key, value in entry.items() if key not in OWN_KEYS}
    more = inherited(source.written("each", at), defaults) if isinstance(defaults, dict) else {}
    for part in parts:
        task = dict(more)
        for key, value in own.items():
            try:
                task[key] = filled_value(key, value, part)
            except Unquotable as why:
                return source.refuse(("each", at, key), f"found {why}")
        yield part, task


def shown_items(part: Items) -> str:
    """Return the item of a task, or those of its batch as words of a shell."""
    return shlex.join(part.items) if part.is_batch else part.items[0]


def filled_id(template: str, part: Items) -> str:
    """Return the id that a template makes for an item: of its letters, those that an id may have."""
    first = Items(part.items[:1], part.number)
    id = PLACEHOLDER.sub(lambda found: slug(first.plain(found[1])) or str(part.number), template)
    return _valid(id) or str(part.number)


def slug(text: str) -> str:
    """Return a text as a part of an id: small letters and digits, `.` and `_`, with `-` for all else."""
    import unicodedata  # not needed without `each`

    letters = (each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9._]+", "-", "".join(letters).lower()).strip("-")


def unused(id: str, taken: set[str]) -> str:
    """Return the id, with a number behind it if it is taken."""
    number, one = 1, id
    while one in taken:
        number += 1
        end = f"-{number}"
        one = _valid(id[: LONGEST_ID - len(end)]) + end
    return one


def _valid(id: str) -> str:
    id = re.sub(r"\.{2,}", ".", id).lstrip("._-")[:LONGEST_ID]
    while id.endswith((".", "-", ".lock")):
        id = id.removesuffix(".lock").rstrip(".-")
    return id


def _names(entries: Sequence[Any], taken: set[str], source: Source) -> dict[int, str]:
    """Return the name of each entry's group, by position; entries that are wrong are left out."""
    names: dict[int, str] = {}
    for at, entry in enumerate(entries):
        template = entry.get("id") if isinstance(entry, dict) else None
        if template is None or "items" not in entry:
            continue
        path, literal = ("each", at, "id"), PLACEHOLDER.sub("x", template)
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", literal) or ".." in literal or "{items}" in template:
            source.refuse(
                path,
                f"found {shown(template)}; expected a-z, 0-9, '.', '_' and '-' around {{item}}, {{stem}} or"
                " {n}, such as test-{stem}: it becomes a branch and a folder name",
            )
            continue
        name = _valid(PLACEHOLDER.split(template)[0]) or GROUP_WITHOUT_NAME
        if name in source.written("tasks"):
            source.refuse(
                path, f"makes a group {shown(name)}, which is the id of a task; expected another beginning"
            )
            continue
        names[at] = unused(name, {*taken, *names.values(), *source.groups})
    return names


def _commit(values: Mapping[str, Any]) -> str | None:
    """Return the commit that the tasks start from, as far as the plan says."""
    base, target = values.get("base"), values.get("target")
    return base if isinstance(base, str) else target if isinstance(target, str) else None


def _parts(
    entry: Mapping[str, Any], path: KeyPath, commit: str | None, source: Source, items: ItemSource
) -> list[Items]:
    """Return what each task of an entry is about; none if that is a mistake."""
    place = (*path, "items")
    ways = [way for way in WAYS if way in source.written(*place)]
    if len(ways) != 1:
        found = " and ".join(f"'{way}'" for way in ways) or "none of them"
        source.refuse(place, f"found {found}; expected one of 'glob', 'list' and 'lines'")
        return []
    (way,) = ways
    if way not in entry["items"]:
        return []  # what was written there is wrong
    try:
        several = _found(way, entry["items"][way], commit, items)
    except ItemsError as error:
        source.refuse((*place, way), str(error))
        return []
    once = list(dict.fromkeys(several))
    if len(once) < len(several):
        twice = next(item for item, count in Counter(several).items() if count > 1)
        source.warn((*place, way), f"{shown(twice)} is there more than once, and is one item all the same")
    size = entry.get("batch", 1)
    shards = [tuple(once[at : at + size]) for at in range(0, len(once), size)]
    return [Items(shard, number, size > 1) for number, shard in enumerate(shards, 1)]


def _found(way: str, value: Any, commit: str | None, items: ItemSource) -> Sequence[str]:
    """Return the items of an entry as they come. ItemsError."""
    match way:
        case "glob":
            return _matches([value] if isinstance(value, str) else value, items.tracked_files(commit))
        case "lines":
            command: CommandLine = from_shell(value) if isinstance(value, str) else tuple(value)
            found = items.printed_items(command)
            if not found:
                raise ItemsError("the command printed nothing; expected an item on each line")
            return found
        case _:
            if "" in value:
                raise ItemsError("found empty text; expected items")
            return [str(item) for item in value]


def _matches(globs: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return what the globs fit, each once. ItemsError if one of them fits nothing."""
    found: dict[str, None] = {}
    for glob in globs:
        fitting = list(matching(glob, files))
        if not fitting:
            what = "folder with tracked files" if glob.endswith("/") else "tracked file"
            raise ItemsError(
                f"found {shown(glob)}, which fits no {what}; expected one that does: git ls-files lists them"
            )
        found.update(dict.fromkeys(fitting))
    return list(found)


def filled_value(key: str, value: Any, part: Items) -> Any:
    """Return a key's value with the placeholders in it filled in. Unquotable."""
    match key:
        case "run" | "checks":
            return filled_commands(value, part, is_list=key == "checks")
        case _ if isinstance(value, str):
            return filled(value, part)
        case "after" | "locks" | "paths" | "place" | "needs":
            return [filled(word, part) for word in value]
        case _:
            return value
