"""The repository of the demo: a small calculator, whose tasks meet everything that porch handles.

Of the first five tasks two append to the same lines (a textual conflict), a rename and a new use of the old
name merge cleanly and break the tests, and one is slow and harmless: without a person exactly three can
land. A sixth fails on purpose, as the plan says.
"""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import RefusedError, RepositoryError
from porch_tui.git.runner import Git

NAME = "calculator"

SETTINGS = {
    # on a new machine git has no identity for commits, and the demo must not ask for one
    "user.name": "porch demo",
    "user.email": "demo@porch.invalid",
    "commit.gpgSign": "false",
}

FILES = {
    "README.md": "# A small calculator\n\nThe repository of the porch demo.\n",
    ".gitignore": "__pycache__/\n",
    "porch.yaml": """\
# The plan of the porch demo. Try `porch check` to see what porch makes of it.
name: demo
goal: Show in two minutes what porch does with work that fits, collides, breaks and fails.
validate: python3 -m unittest -q        # must pass on the combined state before anything lands

tasks:
  mul:
    title: Add multiplication
    run: python3 work/mul.py            # appends where div appends: a textual conflict
  div:
    title: Add division
    run: python3 work/div.py
  rename:
    title: Call addition plus, everywhere
    run: python3 work/rename.py         # merges cleanly with useadd, and breaks it
  useadd:
    title: Total a list with add
    run: python3 work/useadd.py
  whisper:
    title: Whisper as well as shout
    run: python3 work/whisper.py        # slow, and in no one's way
  fetch:
    title: Import yesterday's numbers
    run: python3 work/fail.py           # one failure never blocks the others
    expected_failure: it fails on purpose, leave it
""",
    "app/__init__.py": "",
    "app/calc.py": '''\
"""Arithmetic for two numbers."""


def add(a, b):
    """The sum."""
    return a + b


def sub(a, b):
    """The difference."""
    return a - b
''',
    "app/registry.py": '''\
"""The operations the calculator offers, by name."""

OPERATIONS = ["sub"]
''',
    "app/text.py": '''\
"""Words for results."""


def shout(text):
    """The text, loud."""
    return text.upper() + "!"
''',
    "tests/__init__.py": "",
    "tests/test_calc.py": """\
import unittest

from app import calc


class Arithmetic(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(5, calc.add(2, 3))

    def test_difference(self):
        self.assertEqual(1, calc.sub(3, 2))
""",
    "work/steps.py": '''\
"""What the demo's tasks share: they work visibly, at a human pace."""

import sys
import time
from pathlib import Path


def work(seconds, *lines):
    """Say each line, spread over the seconds."""
    for line in lines:
        print(line, flush=True)
        time.sleep(seconds / len(lines))


def replace(path, old, new):
    """Replace text in a file; the text must be there."""
    text = Path(path).read_text()
    if old not in text:
        sys.exit(f"{path}: no {old!r} to replace")
    Path(path).write_text(text.replace(old, new))
    print(f"changed {path}", flush=True)


def append(path, text):
    """Add text at the end of a file."""
    Path(path).write_text(Path(path).read_text() + text)
    print(f"extended {path}", flush=True)
''',
    "work/mul.py": '''\
from steps import append, replace, work

work(2, "reading app/calc.py", "writing mul", "offering it")
append("app/calc.py", '\\n\\ndef mul(a, b):\\n    """The product."""\\n    return a * b\\n')
replace("app/registry.py", '"sub"', '"sub", "mul"')
''',
    "work/div.py": '''\
from steps import append, replace, work

work(2, "reading app/calc.py", "writing div", "offering it")
append("app/calc.py", '\\n\\ndef div(a, b):\\n    """The quotient."""\\n    return a / b\\n')
replace("app/registry.py", '"sub"', '"sub", "div"')
''',
    "work/rename.py": r"""
import re
from pathlib import Path

from steps import work

files = sorted([*Path("app").glob("*.py"), *Path("tests").glob("*.py")])
uses = [file for file in files if re.search(r"\badd\b", file.read_text())]
work(1, "looking for uses of add", f"found {len(uses)} files")
for file in uses:
    file.write_text(re.sub(r"\badd\b", "plus", file.read_text()))
    print(f"changed {file}", flush=True)
""",
    "work/useadd.py": '''\
from pathlib import Path

from steps import work

work(1, "a total is many sums", "writing app/total.py and its test")
# A retry after the rename has landed finds the new name: that fixes it.
name = "plus" if "def plus(" in Path("app/calc.py").read_text() else "add"
Path("app/total.py").write_text(f\'\'\'\\
"""Sums of many numbers."""

from app.calc import {name}


def total(numbers):
    """The sum of all of them; of none, 0."""
    result = 0
    for number in numbers:
        result = {name}(result, number)
    return result
\'\'\')
Path("tests/test_total.py").write_text(\'\'\'\\
import unittest

from app.total import total


class Total(unittest.TestCase):
    def test_of_three(self):
        self.assertEqual(6, total([1, 2, 3]))
\'\'\')
''',
    "work/whisper.py": '''\
from steps import append, work

work(3, "listening", "lowering the voice", "\\033[32mquiet enough\\033[0m", "writing whisper")
append("app/text.py", '\\n\\ndef whisper(text):\\n    """The text, low."""\\n    return text.lower()\\n')
''',
    "work/fail.py": """\
import sys

from steps import work

work(
    1,
    "fetching yesterday.csv",
    "\\033[31merror: yesterday.csv: no such file\\033[0m",
    "This task fails on purpose, to show that the others go on. Leave it.",
)
sys.exit(3)
""",
}


def make_repository(folder: Path) -> Path:
    """Make the repository in a folder, new or not, and return its root.

    Raises RefusedError if it exists, RepositoryError if it cannot be written.
    """
    root = folder.resolve() / NAME
    if root.exists():
        raise RefusedError(f"the demo would make {root}, but that exists; name another folder")
    try:
        for name, text in FILES.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    except OSError as error:
        raise RepositoryError(
            f"the demo cannot be made in {root}: {error.strerror}; name another folder"
        ) from error
    git = Git(root)
    git.run("init", "-q", "-b", "main")
    for key, value in SETTINGS.items():
        git.run("config", key, value)
    git.run("add", "-A")
    git.run("commit", "-q", "-m", "A small calculator")
    return root
