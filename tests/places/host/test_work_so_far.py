"""A host offers what running attempts have done so far, again when that has changed, and nothing else."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.copying import replace
from porch_tui.core.model.plan import Kind
from porch_tui.executors.executor import Job
from porch_tui.places.host import work_so_far
from porch_tui.places.host.host import Host
from porch_tui.places.near.remote import RemoteExecutor, greeting
from porch_tui.places.wire import messages as m
from porch_tui.places.wire.lines import Lines
from project import Project, until
from tests.executors import places


class InThisProcess:
    """A host in this process, which is connected with no carrier between."""

    def __init__(self, folder: Path) -> None:
        self.host: Host | None = None
        self.offered: list[m.SoFar] = []
        self._folder = folder

    def open(self, on_data, on_lost) -> InThisProcess:
        self._on_data, self._said = on_data, Lines.from_host()
        self._heard = SimpleQueue[bytes | None]()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def send(self, data: bytes) -> None:
        self._heard.put(data)

    def close(self) -> None:
        self._heard.put(None)

    def _serve(self) -> None:
        lines = Lines.from_engine()
        while (data := self._heard.get()) is not None:
            for message in lines.feed(data):
                if isinstance(message, m.Greeting):
                    self.host = Host(self._folder, message)
                    session = self.host.connect(message, self._pass_on)
                else:
                    assert self.host is not None
                    self.host.obey(session, message)
        if self.host is not None:
            self.host.close()

    def _pass_on(self, data: bytes) -> None:
        self.offered += [one for one in self._said.feed(data) if isinstance(one, m.SoFar)]
        self._on_data(data)


@pytest.mark.slow
def test_what_changes_while_attempts_run_is_offered_until_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(work_so_far, "OFFER_S", 0.2)
    monkeypatch.setattr("porch_tui.places.near.work_so_far.LEAST_PAUSE_S", 0.1)
    project, carrier, ends = Project(tmp_path), InThisProcess(tmp_path / "hosts"), list[e.AnyEvent]()
    script = "echo mine > new; git add new; git commit -qm mine; {wait}/one; echo more > more; {wait}/two"
    script = script.format(wait='until test -e "$FOLDER"')
    script = script.replace("/one", "/one; do sleep 0.02; done").replace("/two", "/two; do sleep 0.02; done")

    def is_end(event: e.AnyEvent) -> bool:
        return isinstance(event, e.AttemptSucceeded | e.AttemptFailed)

    executor = RemoteExecutor(
        lambda *events: ends.extend(filter(is_end, events)),
        carrier,
        greeting("id", "app", ("U", "u@example.org")),
    )
    jobs: list[Job] = []
    for task, kind in (("change", Kind.CHANGE), ("check", Kind.CHECK)):
        made = places.job(tmp_path, task, script)
        jobs.append(replace(made, spec=replace(made.spec, kind=kind)))
        executor.start(jobs[-1])

    def seen() -> str:
        ref = "refs/porch/contract/so-far/change/1"
        found = project.git("for-each-ref", ref)
        return project.git("ls-tree", "--name-only", ref) if found else ""

    try:
        until(lambda: "new" in seen().split(), "its commit")
        assert "more" not in seen().split()
        (tmp_path / "one").touch()
        until(lambda: "more" in seen().split(), "what is not committed")
        commits = [one.commit for one in carrier.offered]
        assert {one.key.task for one in carrier.offered} == {"change"}
        (tmp_path / "two").touch()
        until(lambda: len(ends) == 2, "their ends")
    finally:
        executor.close()

    assert [type(end) for end in ends] == [e.AttemptSucceeded] * 2
    assert len(set(commits)) == len(commits), "each once"
    assert project.git("for-each-ref", "refs/porch/contract/so-far") == ""
