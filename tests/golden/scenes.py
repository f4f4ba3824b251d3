"""What the golden files show: commands, what they print, and how they end, with any version of porch.

`python tests/golden/scenes.py PORCH` writes the golden files again with the porch program it is given.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
JOURNALS = HERE / "journals"
PREFIX_STEP = 24
"""How many records of a journal are added from one scene to the next."""

PLAN_FULL = HERE.parent / "planfile" / "full.yaml"
PLANS = {
    "full": PLAN_FULL.read_text(encoding="utf-8"),
    "three": """\
validate: 'true'
tasks:
  first: {run: make first, paths: [src/**], estimate: 2m}
  second: {run: make second, paths: [src/app.py], estimate: 1m}
  third: {run: make third, after: [first], estimate: 30s, locks: [database]}
  fourth: {run: npm test, kind: check, estimate: 10s}
""",
    "one": "tasks: {a: {run: x}}\n",
}
COMMAND_LINES = (
    "",
    "frobnicate",
    "run --slots 0",
    "run --serial --parallel",
    "run nowhere.yaml",
    "check nowhere.yaml",
    "status no-such-run",
    "logs",
    "report --format pdf",
    "pause --run no-such-run",
    "slots many",
    "move a",
    "resolve a --undo --redo",
    "completion powershell",
)
"""Command lines that make no sense in a repository without a run."""
REFUSALS = (
    "pause lands",
    "stop fails",
    "retry lands",
    "requeue lands",
    "withdraw lands",
    "hold lands",
    "release lands",
    "validate nobody",
    "undo fails",
    "resume",
    "close",
    "logs nobody",
    "logs lands --json",
    "conflicts lands",
    "unshelve lands",
    "clean --dry-run",
)
"""Commands for a run that has been closed."""


class Scene(NamedTuple):
    """A command that has been run."""

    name: str
    words: str
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """How a golden file shows it."""
        return f"$ porch {self.words}\nexit {self.code}\n{self.out}{self.err}"


Porch = Callable[[tuple[str, ...], Path], "subprocess.CompletedProcess[str]"]
"""Runs porch with these words in a folder."""


PREDICTED = r'"(starts_s|done_s|serial_s|parallel_s|speedup|break_even_s|best_slots|validations)": [^,\n}]+'
RANGES = r'"(serial_range_s|parallel_range_s|by_slots)": \[[^\]]*\]'
IN_WORDS = r"\d[\d.]*( s \(\d[\d.]* to \d[\d.]*\)| s| times)"
"""What a forecast says that depends on how many cores there are."""


class Stage:
    """A repository whose commits are always the same, and a program of porch."""

    def __init__(self, folder: Path, porch: Porch) -> None:
        self.folder, self.root, self._porch = folder, folder / "app", porch
        self.root.mkdir()
        self._git("init", "-q", "-b", "main")
        self._git("config", "user.name", "Ada")
        self._git("config", "user.email", "ada@example.org")
        (self.root / ".git/info/exclude").write_text(".env\n")
        (self.root / ".env").write_text("A=1\n")
        (self.root / "src").mkdir()
        (self.root / "src/app.py").write_text("print('hello')\n")
        (self.root / "README.md").write_text("An app.\n")
        self._git("add", "-A")
        self._git("commit", "-q", "-m", "first")

    def _git(self, *words: str) -> None:
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (
                ("NAME", "Ada"),
                ("EMAIL", "ada@example.org"),
                ("DATE", "2026-01-01T00:00:00Z"),
            )
        }
        subprocess.run(["git", *words], cwd=self.root, check=True, env={**os.environ, **who})

    def plan(self, text: str) -> None:
        """Write the plan."""
        (self.root / "porch.yaml").write_text(text, encoding="utf-8", errors="surrogateescape")

    def run(self, journal: str) -> None:
        """Make what is on disk of a run whose journal this is; replaces an earlier one."""
        folder = self.root / ".git/porch/runs" / json.loads(journal.partition("\n")[0])["run"]
        for name in ("attempts", "inbox", "scratch", "validations"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "number").write_text("1\n")
        (folder / "journal.jsonl").write_text(journal)

    def scene(self, name: str, words: str) -> Scene:
        """Run a command and return what came of it, without what is of this machine and moment."""
        done = self._porch(tuple(words.split()), self.root)
        return Scene(name, words, done.returncode, self._scrubbed(done.stdout), self._scrubbed(done.stderr))

    def _scrubbed(self, text: str) -> str:
        text = text.replace(str(self.root), "/app").replace(str(self.folder), "")
        text = re.sub(r'"(cores|memory_bytes|disk_bytes|disk_free_bytes)": [^,\n}]+', r'"\1": 0', text)
        return re.sub(r"\d+ (cores?|CPUs?)\b", r"0 \1", text)


def play(folder: Path, porch: Porch) -> Iterator[Scene]:
    """Run everything there is to see, in order."""
    stage = Stage(folder, porch)
    for words in COMMAND_LINES:
        yield stage.scene("command_lines", words)
    for text in broken_plans():
        stage.plan(text)
        scene = stage.scene("plan_errors", "check")
        yield scene._replace(words=f"check, of\n{text.rstrip()}")
    for name, text in PLANS.items():
        stage.plan(text)
        checked = stage.scene(f"check_{name}", "check --json --slots 3")
        out = re.sub(RANGES, r'"\1": []', re.sub(PREDICTED, r'"\1": 0', checked.out))
        yield checked._replace(out=re.sub(IN_WORDS, r"0", out))
    for name in ("all_endings", "steered", "hypotheses"):
        lines = (JOURNALS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        for length in sorted({*range(1, len(lines), PREFIX_STEP), len(lines)}):
            stage.run("".join(lines[:length]))
            run = json.loads(lines[0])["run"]
            shown = stage.scene(f"status_{name}", f"status {run} --json")
            yield shown._replace(words=f"{shown.words} after {length} records")
        yield stage.scene(f"report_{name}", f"report {run} --format json")
    for words in ("status", "report"):  # of the last one, as a person reads it
        yield stage.scene("text_hypotheses", f"{words} {run}")
    yield stage.scene("runs", "runs --json")
    for words in REFUSALS:
        run = json.loads((JOURNALS / "all_endings.jsonl").read_text().partition("\n")[0])["run"]
        with_run = f"{words} {run}" if words in {"resume", "clean --dry-run"} else f"{words} --run {run}"
        yield stage.scene("refusals", with_run)


def broken_plans() -> list[str]:
    """Return the plans of the golden file, which are kept beside it."""
    return json.loads((HERE / "broken_plans.json").read_text(encoding="utf-8"))


def files(scenes: Iterator[Scene]) -> dict[str, str]:
    """Return the text of each golden file by its name."""
    texts: dict[str, list[str]] = {}
    for scene in scenes:
        texts.setdefault(scene.name, []).append(scene.text)
    return {name: "\n".join(parts) for name, parts in texts.items()}


def program(path: str) -> Porch:
    """Return what runs a program of porch, whichever version it is."""

    def run(words: tuple[str, ...], folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [path, *words], cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )

    return run


def surroundings() -> dict[str, str]:
    """Return the environment in which scenes are the same everywhere."""
    return {"COLUMNS": "100", "TZ": "UTC", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


if __name__ == "__main__":
    os.environ.update(surroundings())
    EXPECTED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for file, shown in files(play(Path(scratch), program(sys.argv[1]))).items():
            (EXPECTED / f"{file}.txt").write_text(shown, encoding="utf-8")
