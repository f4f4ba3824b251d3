"""Snapshots and golden files that a run of tests writes where its options ask for that."""

from __future__ import annotations

import posixpath
import re

from porch_tui.core.uses.calls import Call, options
from porch_tui.core.uses.tables import table

_UPDATES = table("""
    ava: -u --update-snapshots
    cypress: --env=updateSnapshots=true
    go: -update -update-golden -golden.update
    gotestsum: -update
    jest: -u --updateSnapshot
    phpunit: --update-snapshots
    playwright: -u --update-snapshots
    py.test: --snapshot-update --force-regen --regen-all --update-snapshots --update-goldens --gold-update
    pytest: --snapshot-update --force-regen --regen-all --update-snapshots --update-goldens --gold-update
    vitest: -u --update
    """)
"""Runners, and the words with which they write what they else compare with."""
_VALUED = table("""
    ava: -m --match
    go: -run -count -timeout
    jest: -t --testNamePattern -c --config --selectProjects
    playwright: -g --grep -c --config --project
    py.test: -k -m -n -p -c
    pytest: -k -m -n -p -c
    vitest: -t --testNamePattern -c --config --project -r --root
    """)
_KEPT_IN = {"go": "testdata", "gotestsum": "testdata"}
"""The folder beside the tests that has them; else `__snapshots__`."""


def note_snapshots(call: Call) -> None:
    """Note the snapshots that a runner writes: beside the tests that it is given, else all."""
    updates = _UPDATES.get(call.name)
    if updates is None or not any(word in updates or word.partition("=")[0] in updates for word in call.args):
        return
    kept_in = _KEPT_IN.get(call.name, "__snapshots__")
    words, _ = options(call.args, _VALUED.get(call.name, ()))
    tests = [word.partition("::")[0] for word in words if "/" in word or re.search(r"\.\w{1,5}$", word)]
    for word in tests or ["."]:
        folder, name = posixpath.split(word.removesuffix("..."))
        stem, dot, _ = name.rpartition(".")
        if not dot or not stem:
            call.write(posixpath.join(folder, name, f"**/{kept_in}/**"))
            continue
        call.write(posixpath.join(folder, kept_in, f"{stem}*"))
        call.write(
            posixpath.join(folder, f"{name}-snapshots/**" if call.name == "playwright" else f"{stem}/**")
        )
