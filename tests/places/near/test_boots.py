"""An attempt that was given to a machine does not begin on it after it was started again, nor on another."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.places.carriers.pipe import PipeCarrier
from porch_tui.places.near.contact import Contact
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


@pytest.mark.slow
def test_what_another_machine_was_given_is_left_to_it_and_that_this_one_is_there_is_said_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    Project(tmp_path)
    events: list[e.AnyEvent] = []
    contacts: list[Contact] = []
    relay = (sys.executable, "-m", "porch_tui.places.host", "--root", str(tmp_path / "hosts"), "--idle", "2")
    executor = RemoteExecutor(
        lambda *new: events.extend(new),
        PipeCarrier(relay),
        places.hello(tmp_path),
        contacts.append,
        is_one_machine=False,
    )
    old = replace(places.job(tmp_path, "a", 'touch "$FOLDER/ran"'), boot="node7/0 an-id")
    executor.start(old)

    until(lambda: len([one for one in contacts if one.welcome]) > 1, "the place to be reported again")
    boot = contacts[-1].welcome.boot if contacts[-1].welcome else ""
    assert "another machine answers than the one that was given a.1" in caplog.text
    assert (events, (tmp_path / "ran").exists()) == ([], False)

    executor.start(replace(places.job(tmp_path, "a", "true", number=2), boot=boot))

    ended = until(lambda: [one for one in events if isinstance(one, ENDS)], "the end of the second attempt")
    assert [(type(one), one.attempt.number) for one in ended] == [(e.AttemptSucceeded, 2)]
    assert not executor.directories() and not (tmp_path / "ran").exists()
    executor.close()
