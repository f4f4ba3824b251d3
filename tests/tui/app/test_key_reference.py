"""What `porch help keys` prints, and what is imported for the screen."""

from __future__ import annotations

import gc
import os
import re

import pytest

from porch_tui.tui.app.key_reference import WIDTH, key_reference
from porch_tui.tui.app.run import import_screen
from porch_tui.tui.keys.bindings import PLACES, known_ids


def test_every_key_is_listed_once_below_its_place() -> None:
    text = key_reference()
    joined = " ".join(text.split())

    assert sorted(re.findall(r"Id: `([^`]+)`", joined)) == sorted(known_ids())
    assert {f"## {place.capitalize()}" for place in PLACES.values()} <= set(text.splitlines())
    assert "- `j` `↓` Next task. Id: `list.down`." in text and "`ctrl+d` `pgdn`" in joined
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("own", [None, "10"])
def test_the_import_of_the_screen_leaves_the_environment_as_it_was(
    monkeypatch: pytest.MonkeyPatch, own: str | None
) -> None:
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    if own is not None:
        monkeypatch.setenv("TEXTUAL_FPS", own)

    import_screen()

    assert os.environ.get("TEXTUAL_FPS") == own and gc.isenabled()
