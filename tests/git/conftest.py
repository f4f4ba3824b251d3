"""Real repositories for the tests of the git room: a small builder, and the state nothing may change."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from porch_tui.git.discovery import discover
from porch_tui.git.landing.landing import land
from porch_tui.git.landing.transaction import Landing
from porch_tui.git.merge.candidates import Built, Conflicted, build
from porch_tui.git.refs import RunRefs, below
from porch_tui.git.repository import Repository
from tests import templates

LANDED_REF = RunRefs("run").landed(1)
DATE = "1700000000 +0000"

Content = str | bytes | tuple[str, str | bytes] | None
"""Text or bytes of a plain file, (mode, content) of another thing, or None: delete it."""


class Sandbox:
    """A repository in a folder of its own, and the git commands a person would type."""

    def __init__(self, root: Path, make: Callable[[Path], None] = templates.empty) -> None:
        self.root = root
        templates.copy(make, root)

    def git(
        self,
        *args: str | bytes | Path,
        at: Path | None = None,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        fails: bool = False,
    ) -> str:
        """Run git as the person would; the output without its last newline."""
        everything = os.environ | (env or {})
        done = subprocess.run(
            ["git", *args], cwd=at or self.root, input=stdin, capture_output=True, check=False, env=everything
        )
        if done.returncode != 0 and not fails:
            raise AssertionError(f"git {args}: {done.stderr.decode()}")
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, name: str, content: str | bytes, at: Path | None = None) -> Path:
        """Write a file in a worktree, with the folders above it."""
        file = (at or self.root) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, files: Mapping[str, str | bytes], message: str = "more", at: Path | None = None) -> str:
        """Write files, commit everything in the worktree, and return the commit."""
        for name, content in files.items():
            self.write(name, content, at)
        self.git("add", "-A", at=at)
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD", at=at)

    def made(self, parent: str | None, files: Mapping[str, Content], message: str = "made") -> str:
        """A commit on top of `parent` with these files changed, made without touching any worktree."""
        index = {"GIT_INDEX_FILE": str(self.root.parent / f"index-{os.getpid()}")}
        Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        if parent:
            self.git("read-tree", parent, env=index)
        self._stage(files, index)
        tree = self.git("write-tree", env=index)
        return self.git("commit-tree", tree, *(["-p", parent] if parent else []), "-m", message)

    def _stage(self, files: Mapping[str, Content], index: dict[str, str]) -> None:
        kinds = {
            name: content if isinstance(content, tuple) else ("100644", content)
            for name, content in files.items()
        }
        modes = {name: mode for name, (mode, _) in kinds.items()}
        texts = {name: text for name, (_, text) in kinds.items()}
        blobs = {name: text for name, text in texts.items() if text is not None and modes[name] != "160000"}
        oids = dict(zip(blobs, self._written(blobs.values()), strict=True))
        lines = b""
        for name, text in texts.items():
            entry = f"0 {'0' * 40}" if text is None else f"{modes[name]} {oids.get(name, text)}"
            lines += entry.encode() + b"\t" + os.fsencode(name) + b"\0"
        self.git("update-index", "-z", "--add", "--index-info", stdin=lines, env=index)

    def _written(self, blobs: Collection[str | bytes]) -> list[str]:
        """Write blobs, all by one git, and return their ids."""
        if not blobs:
            return []
        with tempfile.TemporaryDirectory(dir=self.root.parent) as folder:
            paths = [Path(folder) / str(number) for number in range(len(blobs))]
            for path, blob in zip(paths, blobs, strict=True):
                path.write_bytes(blob.encode() if isinstance(blob, str) else blob)
            lines = "".join(f"{path}\n" for path in paths)
            return self.git(
                "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=os.fsencode(lines)
            ).split()

    def branch(self, name: str, at: str) -> str:
        """Point a branch somewhere."""
        self.git("update-ref", f"refs/heads/{name}", at)
        return at

    def tip(self, ref: str = "refs/heads/main") -> str:
        return self.git("rev-parse", ref)

    def land(
        self,
        old: str,
        new: str,
        *,
        verify: Mapping[str, str] | None = None,
        ref: str | None = LANDED_REF,
        target: str = "main",
    ) -> Landing:
        """Land as porch does."""
        message = "porch: land auth"
        return land(
            self.opened(), target, old=old, new=new, verify=verify or {}, landed_ref=ref, message=message
        )

    def sides(
        self,
        base: Mapping[str, Content],
        ours: Mapping[str, Content],
        theirs: Mapping[str, Content],
        messages: tuple[str, str] = ("ours", "theirs"),
    ) -> tuple[str, str]:
        """Two commits on top of one made from `base`."""
        start = self.made(self.tip(), base)
        return self.made(start, ours, messages[0]), self.made(start, theirs, messages[1])

    def build(self, scratch: Path, onto: str, head: str) -> Built | Conflicted:
        """Build a candidate as porch does."""
        message = "Land auth\n\nPorch-Task: auth\n"
        return build(self.opened(), scratch, onto, head, message=message, date=DATE)

    def merged_by_git(self, onto: str, head: str, at: Path) -> str | set[str]:
        """The tree of a real merge in a worktree of its own, or its conflicted paths, in our words."""
        self.git("worktree", "add", "-q", "--detach", at, onto)
        self.git("merge", "-q", "--no-ff", "--no-commit", head, at=at, fails=True)
        unmerged = self.git("ls-files", "-u", "-z", at=at).removesuffix("\0").split("\0")
        paths = {record.partition("\t")[2] for record in unmerged if record}
        if paths:
            return {path.replace("~HEAD", "~target").replace(f"~{head}", "~task") for path in paths}
        return self.git("write-tree", at=at)

    def opened(self) -> Repository:
        return discover(self.root)

    def kept(self, prefix: str = "refs/porch/") -> dict[str, str]:
        """The refs of porch's below a prefix, with their commits."""
        return below(self.opened(), prefix)

    def picture(self, at: Path | None = None) -> tuple[object, ...]:
        """What a refused command must not change: every file, its mode, `git status`, every ref."""
        root = at or self.root
        status = self.git(
            "status", "--porcelain", "--ignored", "-z", at=root, env={"GIT_OPTIONAL_LOCKS": "0"}
        )
        return (contents(root), status, self.git("for-each-ref"), (self.git("stash", "list")))


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of everything below a worktree that is not git's own."""
    everything: dict[str, tuple[int, bytes]] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in [*files, *links]:
            path = Path(folder) / name
            if path.name == ".git":
                continue
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            everything[str(path.relative_to(root))] = (path.lstat().st_mode, content)
    return everything


@pytest.fixture(autouse=True)
def _no_configuration_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in (
        "XDG_CONFIG_HOME",
        "GIT_CONFIG_GLOBAL",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "EMAIL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def empty(tmp_path: Path) -> Sandbox:
    """A repository without a commit."""
    return Sandbox(tmp_path / "place" / "app")


@pytest.fixture
def repo(tmp_path: Path) -> Sandbox:
    """A repository with one commit of three files, and rules for ignored ones."""
    return Sandbox(tmp_path / "place" / "app", templates.three_files)


@pytest.fixture(
    params=[
        "two words",
        "new\nline",
        'tab\tand "quote"',
        "ünïcode-☃",
        "-dash",
        ":(top)x",
        os.fsdecode(b"caf\xe9"),
    ]
)
def odd_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """File names that break whatever is not NUL-terminated, or not bytes."""
    name: str = request.param
    try:
        (tmp_path / name).touch()
    except OSError:
        pytest.skip("this file system does not take such a name")
    (tmp_path / name).unlink()
    return name


@pytest.fixture
def old(repo: Sandbox) -> str:
    """Where main is."""
    return repo.tip()


@pytest.fixture
def new(repo: Sandbox, old: str) -> str:
    """Changes f, removes g, adds a file, a file in a new folder, and one where ignored ones may be."""
    files = {"f": "two\n", "g": None, "added": "two\n", "new/x": "two\n", "a.env": "landed\n"}
    return repo.made(old, files)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where attribute sandboxes go."""
    return tmp_path / "scratch"


@pytest.fixture
def git_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], int]:
    """How many git processes there were since the last time this was called."""
    trace = tmp_path / "counted"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))

    def count() -> int:
        events = trace.read_text() if trace.exists() else ""
        trace.unlink(missing_ok=True)
        return events.count('"event":"start"')

    return count
