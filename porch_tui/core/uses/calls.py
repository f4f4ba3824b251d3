"""One call of a program, and what it is found to use: paths made out from where it runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from porch_tui.core.uses.tables import word_set

OWN = "\x01"
"""Stands in a text for what is another one in each task, such as `$PORCH_TASK` or a name `mktemp` makes."""
UNKNOWN = "\x02"
"""Stands for what only the run will tell."""
ROOT = "\x03"
"""Stands for the absolute path of the task's worktree."""

DEEPEST = 6
"""Scripts that call scripts are followed so far."""
MOST_VALUES = 30
"""Of a loop's variable, that are followed one by one."""
PATH_LIKE = re.compile(r"[\w@~$\x01\x02\x03.+-]*(?:/[\w@.+*\x01\x02-]+)+/?|[\w-]+\.[A-Za-z]\w{0,5}")
READ_ONLY = word_set("""
    /usr /opt /bin /sbin /lib /lib64 /nix /proc /sys /snap
    """)
"""Where what is installed lies: tasks read it."""
STREAMS = re.compile(r"/dev/(?!shm/)")
"""Below this nothing is kept, but for shared memory."""


class Area(StrEnum):
    """What keeps a thing of one task apart from the same of another."""

    FILE = "file"
    """A path in the worktree: nothing but the merge brings it together."""
    OUTSIDE = "outside"
    """A path that is the same for all tasks."""
    STATE = "state"
    """A port, a database, a container: one for the whole machine."""
    GIT = "git"
    """What all worktrees of a repository share, and clones do not."""


class Use(Struct, frozen=True):
    """A thing that a command reads, or writes and occupies."""

    area: Area
    name: str
    """A path or pattern, or what it is in words, such as `port 8123`."""
    writes: bool
    quote: str
    """The command, as it is written."""
    file: str = ""
    """The script it stands in; empty: the plan."""
    line: int = 1
    """In the script, or in the text of the plan's command; from 1."""
    is_input: bool = False
    """What it reads becomes part of what it makes; else it is only looked at."""


class Scope(Struct):
    """Where a command runs, and the values it sees. Changed by `cd` and by assignments."""

    variables: dict[str, str]
    folder: str | None = ""
    """From the worktree's root; absolute if it is outside; None: not known."""
    args: tuple[str, ...] | None = ()
    """`$1` and what follows; None: not known, as in functions."""
    file: str = ""
    """The script that is read; empty: the plan."""
    depth: int = 0

    loops: frozenset[str] = frozenset()
    """Variables with several values, one after the other: each is written as `{one,other}`."""

    def inner(self, **variables: str) -> Scope:
        """Return a scope for what this one starts: its changes do not come back."""
        known = {**self.variables, **variables}
        return Scope(known, self.folder, self.args, self.file, self.depth, self.loops)

    def loop(self, name: str, values: Sequence[str]) -> None:
        """Give a variable several values, one after the other."""
        self.loops -= {name}
        if len(values) == 1:
            self.variables[name] = values[0]
        elif 1 < len(values) <= MOST_VALUES and not any(set("{},") & {*value} for value in values):
            self.variables[name] = f"{{{','.join(values)}}}"
            self.loops |= {name}
        else:
            self.variables[name] = UNKNOWN


class Ways(Struct, frozen=True):
    """How what a call starts is gone through in its turn."""

    start: Callable[[Call], bool]
    """Notes what a call uses; says whether it is known what it writes."""
    read_shell: Callable[[str, Scope, Uses, int], None]
    """Notes what a shell's text uses; the number is the line where it begins."""
    knows: Callable[[str], bool]
    """Says whether a program is a known one, by its name."""


class Uses:
    """What is collected of one command of the plan."""

    def __init__(self, texts: Mapping[str, str], ways: Ways) -> None:
        self.ways = ways
        self.entered: set[tuple[str, tuple[str, ...] | None]] = set()
        """The scripts that were read, with their arguments."""
        self.texts = texts
        """Those of the repository's scripts that were read."""
        self.found: dict[tuple[Area, str, bool], Use] = {}
        self.is_understood = True
        """Whether nothing was met of which it is not known what it writes."""
        self.opaque: list[str] = []
        """What made it not so, as `what frobnicate does`."""
        self.last_unknown = ""
        """The last program met that is not known, perhaps started by another."""
        self.unread: set[str] = set()
        """Scripts that are run and whose text is not there, if they exist."""

    def add(self, use: Use) -> None:
        """Take a use, unless it is known already. What a command has written itself is no one else's."""
        if not use.writes and (use.area, use.name, True) in self.found:
            return
        self.found.setdefault((use.area, use.name, use.writes), use)

    def give_up(self, program: str) -> None:
        """Note that it is not known what a program does, or what it starts."""
        self.is_understood = False
        self.opaque.append(f"what {self.last_unknown or program} does")
        self.last_unknown = ""

    def lose_file(self, program: str) -> None:
        """Note that it is not known which file a program writes."""
        self.is_understood = False
        self.opaque.append(f"which file {program} writes")


class Call:
    """A program with its arguments, where it runs."""

    def __init__(
        self, name: str, args: Sequence[str], scope: Scope, uses: Uses, *, quote: str = "", line: int = 1
    ) -> None:
        self.name = name
        """Without its folder."""
        self.args = args
        self.scope = scope
        self.uses = uses
        self.quote = quote
        self.line = line
        self.has_output = False
        """Whether what it prints goes into a file."""
        self.body: str | None = None
        """What it is given by a here document."""
        self.input_file = ""
        """The file that its input comes from, by `<`."""
        self.source: Call | None = None
        """What its input is piped from."""

    def text_of(self, *paths: str) -> str | None:
        """Return the text of the first of these files of the repository that was read; ask for the others."""
        places = [place[1] for path in paths if (place := self.place(path)) and place[0] is Area.FILE]
        for path in places:
            if path in self.uses.texts:
                return self.uses.texts[path]
        self.uses.unread.update(places)
        return None

    def named(self, name: str, args: Sequence[str]) -> Call:
        """Return the call of a program that this one starts."""
        call = Call(name.rpartition("/")[2], args, self.scope, self.uses, quote=self.quote, line=self.line)
        call.body, call.source, call.has_output = self.body, self.source, self.has_output
        call.input_file = self.input_file
        return call

    def start(self, call: Call) -> bool:
        """Note what a program that this one starts uses; say whether that is known."""
        return self.uses.ways.start(call)

    def read_shell(self, text: str, scope: Scope, line: int) -> None:
        """Note what a shell's text uses that it starts."""
        self.uses.ways.read_shell(text, scope, self.uses, line)

    def knows(self, program: str) -> bool:
        """Say whether a program is a known one, by its name."""
        return self.uses.ways.knows(program)

    def write(self, path: str) -> None:
        """Note that it writes, moves or deletes a path."""
        self._use_path(path, writes=True)

    def read(self, path: str, *, is_input: bool = True) -> None:
        """Note that it reads a path."""
        self._use_path(path, writes=False, is_input=is_input)

    def changes(self, thing: str, area: Area = Area.STATE) -> None:
        """Note that it changes or occupies what tasks share, named in words."""
        if OWN not in thing and UNKNOWN not in thing:
            self.uses.add(Use(area, thing, True, self.quote, self.scope.file, self.line))

    def looks_at(self, thing: str, area: Area = Area.STATE) -> None:
        """Note that it needs what tasks share, and does not change it."""
        if OWN not in thing and UNKNOWN not in thing:
            self.uses.add(Use(area, thing, False, self.quote, self.scope.file, self.line))

    def place(self, path: str) -> tuple[Area, str] | None:
        """Return where a path leads; None: to nothing another task could meet, or that is not known."""
        if OWN in path or not path or "\n" in path:
            return None
        if path.startswith(("file://", ROOT)):
            path = path.removeprefix("file://").replace(ROOT, "", 1).lstrip("/") if ROOT in path else path
            folder: str | None = ""
        else:
            folder = self.scope.folder
        if path.startswith(("/", "~", "$")):
            return self._outside(path)
        if folder is None or OWN in folder:
            return None
        joined = posixpath.normpath(posixpath.join(folder, path))
        if joined.startswith(("/", "~", "..")):
            return self._outside(joined)
        if joined == ".git" or joined.startswith(".git/"):
            return Area.GIT, "git hooks" if joined.startswith(".git/hooks") else joined
        return Area.FILE, "**" if joined == "." else joined

    def _outside(self, path: str) -> tuple[Area, str] | None:
        path = posixpath.normpath(path)
        if STREAMS.match(path) or path in ("/", "~", "/tmp", "..") or re.search(r"[*?\[\x02\x03]", path):
            return None
        if path.startswith(tuple(f"{folder}/" for folder in READ_ONLY)) or path in READ_ONLY:
            return None
        return Area.OUTSIDE, path

    def _use_path(self, path: str, *, writes: bool, is_input: bool = False) -> None:
        if UNKNOWN in path:
            path = self._known_folder(path, writes)
        place = self.place(path)
        if place is not None:
            area, name = place
            self.uses.add(Use(area, name, writes, self.quote, self.scope.file, self.line, is_input))
        elif self.scope.folder is None and writes and not path.startswith(("/", "~")):
            self.uses.lose_file(self.name)

    def _known_folder(self, path: str, writes: bool) -> str:
        """Return what is known of a path, if it is the folder; else note that nothing is."""
        folder = posixpath.dirname(path.partition(UNKNOWN)[0])
        if folder and not folder.startswith(("/", "~", ROOT)):
            return f"{folder}/**"
        if writes and not path.startswith(("/", "~")):
            self.uses.lose_file(self.name)
        return ""


_READING = re.compile(
    r"-[cCiI]|--?(?:config|conf|settings|rc|schema|key|cert|cacert|ca|input|in|source|include|template|python|baseline)"
    r"(?:[-_]?(?:file|path|dir))?"
)
"""Options that name what is read."""


def note_arguments(call: Call) -> None:
    """Note the paths that an unknown program is given: those outside it may write, the others it reads."""
    previous = ""
    for word in call.args:
        option, _, value = word.partition("=") if word.startswith("-") else (previous, "", word)
        for part in value.replace("'", " ").replace('"', " ").split():
            if PATH_LIKE.fullmatch(part) and "://" not in part:
                is_written = part.startswith(("/", "~")) and not _READING.fullmatch(option)
                call.write(part) if is_written else call.read(part)
        previous = word if word.startswith("-") else ""


def options(args: Iterable[str], valued: Iterable[str] = ()) -> tuple[list[str], dict[str, str]]:
    """Return the arguments that are no options, and the options with their values (or "").

    `valued` are those whose value may be the next argument.
    """
    known, words, found = set(valued), list[str](), dict[str, str]()
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            words += rest
        elif arg.startswith("-") and len(arg) > 1:
            name, equals, value = arg.partition("=")
            if not equals and name in known:
                value = next(rest, "")
            elif not equals and len(name) > 2 and not name.startswith("--") and name[:2] in known:
                name, value = name[:2], name[2:]
            found[name] = value
        else:
            words.append(arg)
    return words, found
