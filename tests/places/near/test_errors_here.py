"""What goes wrong here while an attempt runs elsewhere leaves no attempt hanging."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.places.wire import messages as m
from project import until
from tests.places.near.test_hostile_host import Near, near, succeeded

__all__ = ["near"]


def acknowledged(near: Near) -> list[m.Key]:
    return [one.key for one in near.host.heard if isinstance(one, m.Ack)]


def test_what_is_not_taken_over_stays_on_the_host(near: Near):
    bad, good = near.start("a"), near.start("b")

    near.host.say(succeeded(bad, near.base, refs=(("refs/heads/main", "0" * 40),)))
    near.end_of(bad)
    near.host.say(succeeded(good, near.base))

    until(lambda: good in acknowledged(near), "the other one to be acknowledged")
    assert bad not in acknowledged(near)


def test_an_attempt_that_its_host_refuses_has_failed_and_the_others_go_on(near: Near):
    refused, other = near.start("a"), near.start("b")

    near.host.say(m.Refused("no such folder", refused))
    near.host.say(succeeded(other, near.base))

    end = near.end_of(refused)
    assert isinstance(end, e.AttemptFailed) and end.failure.text == "no such folder"
    assert end.failure.kind is e.FailureKind.NOT_STARTED
    assert isinstance(near.end_of(other), e.AttemptSucceeded)
    assert near.host.connections == 1


@pytest.mark.slow
def test_git_that_is_killed_while_a_result_is_taken_over_is_asked_again(
    near: Near, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    own = near.start("a")
    tools, count, gone = tmp_path / "bin", tmp_path / "count", tmp_path / "gone"
    tools.mkdir()
    (tools / "git").write_text(
        f"#!/bin/sh\ntest -e {gone} || {{ echo x >> {count}; kill -9 $$; }}\n"
        f'PATH={os.environ["PATH"]} exec git "$@"\n'
    )
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")

    near.host.say(succeeded(own, near.base, refs=((f"refs/porch/r/heads/{own.attempt}", near.base),)))
    until(count.exists, "git to be killed")
    assert not [one for one in near.reports if isinstance(one, e.AttemptFailed)]
    gone.touch()

    assert isinstance(near.end_of(own), e.AttemptSucceeded)


def test_a_log_that_cannot_be_written_here_is_sent_again_until_it_can(near: Near):
    own = near.start("a")
    blocked = near.folder / "attempts" / str(own.attempt) / "output.log"
    blocked.mkdir()
    before = near.host.connections

    near.host.say(m.Log(own, 0, b"one\n"))
    until(lambda: near.host.connections > before, "another connection")
    blocked.rmdir()
    until(lambda: sum(isinstance(one, m.Start) for one in near.host.heard) > 1, "the order once more")
    near.host.say(m.Log(own, 0, b"one\n"), succeeded(own, near.base, 4))

    near.end_of(own)
    assert near.log(own) == b"one\n"


def test_a_place_that_is_not_expected_back_is_gone_only_once_it_does_not_answer_and_may_come_back(near: Near):
    until(lambda: [one for one in near.contacts if one.welcome], "an answer")
    near.executor.take_away("retired")
    near.executor.take_away("retired")
    assert not any(one.is_gone for one in near.contacts)

    near.host.close()

    until(lambda: [one for one in near.contacts if one.is_gone], "it to be gone")
    until(lambda: near.contacts[-1].welcome, "it to be back")
    assert [bool(one.welcome) or one.is_gone for one in near.contacts] == [True, False, True, True]
    assert [one.why for one in near.contacts if one.is_gone] == ["retired"]
