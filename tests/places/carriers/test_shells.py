"""A shell at a place is opened by its own way in, with a terminal and without the interpreter of porch."""

from __future__ import annotations

import pytest

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.places.carriers.shells import shell_at

INSIDE = ("sh", "-c", 'cd /w/a && exec "${SHELL:-/bin/sh}" -l')
BY_LOGIN = "cd /w/a && exec $SHELL -l"


def shell(*run: str) -> tuple[str, ...]:
    return shell_at(PlaceSpec(PlaceName("box"), Scheme.PIPE, run=run), run, "/w/a")


def test_ssh_logs_in_with_a_terminal():
    spec = PlaceSpec(PlaceName("ssh:big"), Scheme.SSH, "me@big")

    assert shell_at(spec, (), "/w/a") == ("ssh", "-t", "--", "me@big", BY_LOGIN)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (("env", "HOME=/h", "sh"), ("env", "HOME=/h", *INSIDE)),
        (("podman", "exec", "-i", "box", "python3", "-"), ("podman", "exec", "-it", "box", *INSIDE)),
        (("kubectl", "exec", "-i", "pod", "--", "sh"), ("kubectl", "exec", "-it", "pod", "--", *INSIDE)),
        (("ssh", "-p", "2222", "big", "sh"), ("ssh", "-t", "-p", "2222", "big", BY_LOGIN)),
        (("python3", "-I", "-"), INSIDE),
        ((), ()),
    ],
)  # fmt: skip
def test_a_way_in_becomes_a_shell(run: tuple[str, ...], expected: tuple[str, ...]):
    assert shell(*run) == expected


def test_what_a_host_calls_its_folder_is_never_a_command():
    spec = PlaceSpec(PlaceName("ssh:big"), Scheme.SSH, "big")

    assert shell_at(spec, (), "/w/$(reboot)'")[-1].startswith("cd '/w/$(reboot)'\"'\"'' && exec")
