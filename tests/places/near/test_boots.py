"""An attempt that was given to a machine does not begin on it after it was started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.places.near.remote import RemoteExecutor
from project import Project, until
from tests.executors import places

ENDS = e.AttemptSucceeded | e.AttemptFailed | e.AttemptStopped


@pytest.mark.parametrize(("boot", "end"), [("", e.AttemptSucceeded), ("an earlier boot", e.AttemptStopped)])
def test_what_an_earlier_boot_was_given_never_begins(tmp_path: Path, boot: str, end: type[e.Event]):
    Project(tmp_path)
    events: list[e.AnyEvent] = []
    executor = places.behind_pipe(lambda *new: events.extend(new), tmp_path)
    assert isinstance(executor, RemoteExecutor)

    executor.start(replace(places.job(tmp_path, "a", 'touch "$FOLDER/ran"'), boot=boot))

    ended = until(lambda: [one for one in events if isinstance(one, ENDS)], "the end of the attempt")
    assert [type(one) for one in ended] == [end]
    assert (tmp_path / "ran").exists() == (end is e.AttemptSucceeded)
    executor.close()
