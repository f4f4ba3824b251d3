"""A host's process that another version of porch has started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from porch_tui.places.host.daemon import ensure


def test_a_host_at_work_for_another_protocol_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # a path may be too long for a socket
    with socket.socket(socket.AF_UNIX) as other:
        other.bind("socket.99")
        other.listen()

        with pytest.raises(OSError, match=r"speaks protocol 99 .* use the same porch"):
            ensure(tmp_path, 1.0)

    assert ["socket.99"] == [one.name for one in tmp_path.iterdir()], "nothing is started beside it"
