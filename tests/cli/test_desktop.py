"""A notification on the desktop: by the program that is there, with a text that it takes for nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from porch_tui.cli.desktop import OF_A_MAC, notifier, notify
from tests.tui.hostile import HOSTILE

HERE = {"DISPLAY": ":0"}


@pytest.mark.parametrize("environ", [HERE, {"WAYLAND_DISPLAY": "wayland-0"}])
def test_on_linux_the_text_is_the_summary_and_never_an_option(environ: dict[str, str]) -> None:
    assert ("notify-send", "--app-name=porch", "--", "--help") == notifier("--help", environ, "linux")


def test_on_a_mac_the_text_is_no_part_of_the_script() -> None:
    command = notifier('" & do shell script "x', {}, "darwin")

    assert '" & do shell script "x' == command[-1]
    assert [*OF_A_MAC] == [command[at + 1] for at, word in enumerate(command) if word == "-e"]


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_over_ssh_the_desktop_is_not_the_persons(platform: str) -> None:
    assert () == notifier("text", {**HERE, "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, platform)


def test_without_a_desktop_nothing_is_run() -> None:
    assert () == notifier("text", {}, "linux")


@pytest.mark.skipif(sys.platform == "darwin", reason="there the program is another one")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_program_gets_the_text_as_it_is(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text.replace("\0", "")  # which no argument can hold
    program, given = tmp_path / "notify-send", tmp_path / "given"
    program.write_text(f'#!/bin/sh\nprintf %s "$3" > "{given}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)

    notify(text)

    assert os.fsencode(text) == given.read_bytes()


def test_a_program_that_is_missing_or_fails_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")

    notify("text")
