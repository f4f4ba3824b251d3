"""A plan of twelve tasks, of many kinds, which must come to the same wherever it runs."""

from __future__ import annotations

from pathlib import Path

from tests.project import Project

PLAN = """\
validate: test -f README.md
setup: echo ready > .setup
copy: [settings]
tasks:
  a: {run: 'echo a > a; sleep 1'}
  b: {run: 'echo b > b; git add b; git commit -qm mine; sleep 1'}
  c: {run: 'echo c >> a', after: [a]}
  ready: {run: 'cat .setup > ready'}
  copied: {run: 'cat settings > copied'}
  checked: {run: 'echo x > checked', checks: 'test -f checked'}
  unchecked: {run: 'echo x > unchecked', checks: 'test -f no'}
  cloned: {run: 'echo x > cloned', isolation: clone}
  again: {run: 'echo $PORCH_ATTEMPT > again; test $PORCH_ATTEMPT = 2', retries: 1}
  fails: {run: 'echo lost > lost; exit 3'}
  late: {run: 'sleep 100', timeout: 1s}
  last: {run: 'cat a b > last', after: [b, c]}
"""
FAILED = {"unchecked": "check-failed", "fails": "failed", "late": "timed-out"}


def project_in(folder: Path) -> Project:
    folder.mkdir()
    project = Project(folder)
    project.commit({"README.md": "x\n", ".gitignore": "settings\n.setup\n"})
    project.write("settings", "mine\n")
    project.plan(PLAN)
    return project
