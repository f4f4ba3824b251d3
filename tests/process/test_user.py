"""Who runs a process, also where the system does not know them."""

from __future__ import annotations

import os
import pwd

import pytest

from porch_tui.process.user import user_name


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable says who has logged in."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_login")
def test_a_user_is_called_as_the_system_knows_them():
    assert pwd.getpwuid(os.getuid()).pw_name == user_name()


@pytest.mark.usefixtures("no_login")
def test_a_user_that_the_system_does_not_know_is_a_number(monkeypatch: pytest.MonkeyPatch):
    def unknown(uid: int) -> object:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)

    assert str(os.getuid()) == user_name()
