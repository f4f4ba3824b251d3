"""How git is configured here: single files, read without git, and all settings together, as git lists them.

Single files decide on which folder git acts. They can be read while a setting makes git refuse everything,
and as often as a task starts or ends. Includes are not followed there; git does not follow them either for
the settings that matter.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from porch_tui.git.fingerprints import Stamp, stamp
from porch_tui.git.repository import Repository
from porch_tui.git.runner import records
from porch_tui.git.working_tree import WorkingTree, is_same

Settings = Mapping[str, tuple[str, ...]]
"""By key (`core.bare`; section and name in lower case), every value in the order of the file."""

WORKTREE, BARE = "core.worktree", "core.bare"
EXTENSION = "extensions.worktreeconfig"

OF_REPOSITORY = ("config", "config.worktree")
"""In the common directory: settings that all worktrees share, and those of the main one."""

_GUARDED_EVERYWHERE = r"core\.hookspath|user\.[^.]+|include\.path|includeif\..+\.path"
"""Those of `_GUARDED` that git also reads from the person's own configuration."""
_GUARDED = rf"core\.(bare|worktree|repositoryformatversion)|extensions\..+|{_GUARDED_EVERYWHERE}"
"""With other values of these, other people's git does something else, or commits as someone else."""
_HARMLESS = {"worktreeconfig", "partialclone", "preciousobjects", "noop", "noop-v1", "relativeworktrees"}
"""Extensions that do not change what objects and refs are. With others git may refuse everything."""
_FORMATS = {"", "0", "1"}
"""The versions of the repository format that git knows."""

_SECTION = re.compile(r'\[\s*([\w.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\]')
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
_PIECE = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)|(?P<plain>[^"\\\n#;]+)', re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b", "\n": ""}


class MisleadingSetting(Struct, frozen=True):
    """A setting that makes git, run in a working tree, act on something else."""

    file: Path
    key: str
    value: str

    def message(self, worktree: Path) -> str:
        """Return what is wrong, and the command that fixes it."""
        if self.key == BARE:
            return (
                f"core.bare is {self.value}, so git takes {worktree} for a repository without files; "
                f"set it back: {config_command(self.file, BARE, 'false')}"
            )
        return (
            f"core.worktree is {self.value}, so git run in {worktree} acts on another folder; "
            f"take it out: {config_command(self.file, WORKTREE, None)}"
        )


class SettingChange(Struct, frozen=True):
    """A guarded setting whose values have changed."""

    common_dir: Path
    source: str
    """One of `files`."""
    key: str
    before: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def file(self) -> Path:
        return self.common_dir / self.source

    @property
    def message(self) -> str:
        """What has changed, without a full stop."""
        was, is_ = (", ".join(map(repr, values)) for values in (self.before, self.now))
        if not self.before:
            return f"{self.key} was set to {is_} in {self.file}"
        if not self.now:
            return f"{self.key} was removed from {self.file}, where it was {was}"
        return f"{self.key} was changed from {was} to {is_} in {self.file}"

    @property
    def undo(self) -> str:
        """The command that restores it."""
        if not self.before:
            return config_command(self.file, self.key, None)
        first, *rest = self.before
        add = ["git", "config", "--file", str(self.file), "--add", self.key]
        commands = [config_command(self.file, self.key, first), *(shlex.join([*add, one]) for one in rest)]
        return "; ".join(commands)

    @property
    def is_refused(self) -> bool:
        """Whether git may refuse the repository because of it, or read it in another way."""
        section, _, name = self.key.partition(".")
        if section == "extensions":
            return name not in _HARMLESS
        return self.key == "core.repositoryformatversion" and not _FORMATS.issuperset(self.now[-1:])


def files() -> tuple[str, ...]:
    """Return the files to guard: those in the common directory by name, the person's own by absolute path."""
    home, named = os.environ.get("HOME", ""), os.environ.get("GIT_CONFIG_GLOBAL")
    above = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    own = (f"{above}/git/config", f"{home}/.gitconfig") if named is None else (named,)
    return (*OF_REPOSITORY, *(file for file in own if Path(file).is_absolute()))


def guarded(common_dir: Path) -> dict[str, Settings]:
    """Return the settings whose change is reported, by the name of their file."""
    by_file: dict[str, Settings] = {}
    for name in files():
        pattern = re.compile(_GUARDED if name in OF_REPOSITORY else _GUARDED_EVERYWHERE, re.DOTALL)
        settings = read_settings(common_dir / name)
        by_file[name] = {key: values for key, values in settings.items() if pattern.fullmatch(key)}
    return by_file


def changes(
    common_dir: Path, before: Mapping[str, Settings], now: Mapping[str, Settings]
) -> tuple[SettingChange, ...]:
    """Return the differences between two results of `guarded`, in the files of the first."""
    return tuple(
        SettingChange(common_dir, name, key, old, new)
        for name, settings in before.items()
        for key in sorted({*settings, *now.get(name, {})})
        if (old := settings.get(key, ())) != (new := now.get(name, {}).get(key, ()))
    )


def config_command(file: Path, key: str, value: str | None) -> str:
    """Return the command that sets a key in a configuration file, or with None removes it.

    It names the file: with some settings git refuses to find the repository first.
    """
    words = ["--unset-all", key] if value is None else ["--replace-all", key, value]
    return shlex.join(["git", "config", "--file", str(file), *words])


def read_settings(file: Path) -> Settings:
    """Return all settings in a configuration file; none if there is no such file.

    It is read again only when it has changed: a file with thousands of branches takes its time.
    """
    try:
        seen = file.stat()
        return _read(file, (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))
    except OSError:
        return MappingProxyType({})


@functools.lru_cache(maxsize=64)
def _read(file: Path, _stamp: tuple[int, ...]) -> Settings:
    text = file.read_text("utf-8", "surrogateescape")
    settings: dict[str, list[str]] = {}
    for key, value in _settings(text.removeprefix("\ufeff")):
        settings.setdefault(key, []).append(value)
    return MappingProxyType({key: tuple(values) for key, values in settings.items()})


def is_true(value: str) -> bool:
    """Whether git reads a value as true."""
    word = value.strip().lower()
    digits = word.lstrip("+-").rstrip("kmg")  # units: 1k is 1024
    return word in ("true", "yes", "on") or (digits.isdigit() and int(digits) != 0)


def is_on(settings: Settings, key: str) -> bool:
    """Whether the last value of a key is true."""
    return is_true(settings.get(key, ("false",))[-1])


def find_misleading_setting(worktree: WorkingTree, common_dir: Path) -> MisleadingSetting | None:
    """Return the setting that makes git, run in a working tree, act on something else; None without one.

    By git's rules the shared file counts for the main worktree, and for a linked one only with
    `extensions.worktreeConfig`; with that the worktree's own file comes after it.
    """
    shared = common_dir / "config"
    has_own = is_on(read_settings(shared), EXTENSION)
    if not has_own and not is_same(worktree.git_dir, common_dir):
        return None
    in_force = {
        key: MisleadingSetting(file, key, values[-1])
        for file in ((shared, worktree.git_dir / "config.worktree") if has_own else (shared,))
        for key in (BARE, WORKTREE)
        if (values := read_settings(file).get(key))
    }
    bare, elsewhere = in_force.get(BARE), in_force.get(WORKTREE)
    if bare and is_true(bare.value):
        return bare
    if elsewhere and (worktree.git_dir.resolve() / elsewhere.value).resolve() != worktree.path.resolve():
        return elsewhere
    return None


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of every setting; a name without a value is `true`. What git rejects is skipped."""
    section, at = "", 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif heading := _SECTION.match(text, at):
            section, at = heading[1].lower(), heading.end()
            if heading[2] is not None:
                section += "." + re.sub(r"\\(.)", r"\1", heading[2])
        elif name := _NAME.match(text, at):
            value, at = _value(text, name.end())
            yield f"{section}.{name[1].lower()}", value if name[2] else "true"
        else:  # a comment
            at = _end_of_line(text, at)


def _value(text: str, at: int) -> tuple[str, int]:
    """Return the value that begins here, and where its line ends."""
    value, solid = "", 0
    while piece := _PIECE.match(text, at):
        at = piece.end()
        if (plain := piece["plain"]) is not None:
            value += plain
            solid = len(value.rstrip()) if plain.strip() else solid
            continue
        inside = piece["quoted"] if piece["quoted"] is not None else "\\" + piece["escaped"]
        value += re.sub(r"\\(.)", lambda escape: _ESCAPED.get(escape[1], escape[1]), inside, flags=re.DOTALL)
        solid = len(value)
    return value[:solid], _end_of_line(text, at)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


_COMMAND = "command"
"""The scope of settings on git's command line, or in the environment as if they were there."""


class Effective(Struct, frozen=True):
    """Every setting in force, in the order in which git reads them: the last one of a key counts."""

    settings: tuple[tuple[str, str, str], ...]
    """Scope, key (section and name in lower case) and value; `true` where there is a name only."""

    def is_on(self, key: str) -> bool:
        """Whether a key is set to true."""
        return is_true(self.values().get(key, "false"))

    def values(self, *, is_from_files: bool = False) -> dict[str, str]:
        """Return the value in force of each key; with `is_from_files` command lines do not count."""
        return {
            key: value for scope, key, value in self.settings if not (is_from_files and scope == _COMMAND)
        }


def effective(repository: Repository) -> Effective:
    """Return what is configured in the main worktree now; nothing if git cannot read it.

    The result is cached, and does not go stale: each call compares inode, size and times of every file that
    git read, with includes, and of the usual files that did not exist. Environment variables that configure
    git stay as they are while porch runs. Only an included file that did not exist is not noticed until one
    of the others changes.
    """
    stamps = tuple(stamp(repository.common_dir / name) for name in files())
    known = _known.get(repository.git_dir)
    if known and known[0] == stamps and all(stamp(file, is_followed=True) == was for file, was in known[1]):
        return known[2]
    command = ("config", "--list", "--includes", "-z", "--show-scope", "--show-origin")
    listed = repository.git.run(*command, check=False)
    if listed.code != 0:
        return Effective(())
    read = {repository.git_dir / "config.worktree"}  # of a bare repository's worktree it is another file
    settings = []
    fields = map(os.fsdecode, records(listed.stdout))
    for scope, origin, key_and_value in zip(fields, fields, fields, strict=True):
        key, has_value, value = key_and_value.partition("\n")
        settings.append((scope, key, value if has_value else "true"))
        if origin.startswith("file:"):
            read.add(repository.root / origin.removeprefix("file:"))
    now = Effective(tuple(settings))
    # people keep their configuration elsewhere, behind links
    stamped = tuple((file, stamp(file, is_followed=True)) for file in sorted(read))
    _known[repository.git_dir] = (stamps, stamped, now)
    return now


_known: dict[Path, tuple[tuple[Stamp, ...], tuple[tuple[Path, Stamp], ...], Effective]] = {}
