"""Containers as places: made when they are needed, entered again and again, and taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from porch_tui.core.model import events as e
from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.places.carriers.box import BoxCarrier, box_name, made_in, take_away
from porch_tui.places.near.contact import Contact
from porch_tui.places.near.remote import RemoteExecutor, greeting
from tests.executors import places
from tests.fences import needs_bwrap
from tests.places.podman import IMAGE_OPTIONS, podman_with_image
from tests.project import Project, until

pytestmark = pytest.mark.slow
NAME = box_name("0123456789abcdef", "box")
ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptStopped)


class Engine:
    """What an engine sees of a place."""

    def __init__(self, folder: Path, carrier: BoxCarrier) -> None:
        self.folder = folder
        self.events: list[e.AnyEvent] = []
        self.contacts: list[Contact] = []
        self.executor = RemoteExecutor(
            lambda *events: self.events.extend(events),
            carrier,
            greeting("containers", "app", ("Ann", "ann@example.org")),
            self.contacts.append,
        )

    def end(self) -> e.AnyEvent:
        until(lambda: any(isinstance(event, ENDS) for event in self.events), "the end")
        return next(event for event in self.events if isinstance(event, ENDS))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[[BoxCarrier], Engine]]:
    """Makes engines, which are gone after the test."""
    Project(tmp_path)
    made: list[Engine] = []

    def make(carrier: BoxCarrier) -> Engine:
        made.append(Engine(tmp_path, carrier))
        return made[-1]

    yield make
    for one in made:
        one.executor.close()


@pytest.fixture
def podman() -> Iterator[tuple[str, ...]]:
    """The command line of podman, with an image `porch-test` that has this machine's programs."""
    with podman_with_image("porch-test") as client:
        yield client


def box_of(podman: tuple[str, ...]) -> PlaceSpec:
    image = (*IMAGE_OPTIONS, "localhost/porch-test")
    return PlaceSpec(
        PlaceName("box"),
        Scheme.PIPE,
        up=(*podman, "run", "-d", "--name", "{name}", *image, "sleep", "infinity"),
        run=(*podman, "exec", "-i", "{name}", "python3", "-"),
        down=(*podman, "rm", "--force", "--time", "0", "{name}"),
    )


def containers(podman: tuple[str, ...]) -> list[str]:
    said = subprocess.run(
        [*podman, "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()


def test_a_container_is_made_outlives_its_engine_and_is_taken_away(
    podman: tuple[str, ...], engine: Callable[[BoxCarrier], Engine], tmp_path: Path
):
    first = engine(BoxCarrier(box_of(podman), NAME, tmp_path))
    job = places.job(
        tmp_path, "a", "echo begun; while ! test -e /go; do sleep 0.1; done; ls / > seen; hostname"
    )
    first.executor.start(job)
    until(lambda: any(isinstance(event, e.AttemptStarted) for event in first.events), "the start")
    first.executor.close()

    assert containers(podman) == [NAME]
    second = engine(BoxCarrier(box_of(podman), NAME, tmp_path))
    second.executor.start(job)
    until(lambda: second.contacts, "the second engine to be there")
    subprocess.run([*podman, "exec", NAME, "touch", "/go"], check=True)
    end = second.end()
    second.executor.close()  # it would make the container again

    assert isinstance(end, e.AttemptSucceeded), end
    shown = subprocess.run(
        ["git", "-C", tmp_path / "app", "show", f"{end.head}:seen"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "home" not in shown.stdout.split(), "it has not seen this machine's files"
    assert (job.directory / "output.log").read_text().startswith("begun\n")
    assert made_in(tmp_path) == (NAME,)
    assert take_away(tmp_path, NAME, os.environ) == ""
    assert containers(podman) == []
    assert made_in(tmp_path) == ()


def test_doctor_looks_into_a_container_whose_user_has_no_name(podman: tuple[str, ...], tmp_path: Path):
    project, box = Project(tmp_path), box_of(podman)
    place = {"up": box.up, "run": box.run, "down": box.down}
    project.plan(f"place: box\nplaces: {json.dumps({'box': place})}\ntasks:\n  a: {{run: id, kind: check}}\n")
    project.porch("run", "--headless")

    said = project.porch("doctor", "--on", "box").stdout
    project.porch("clean")

    assert "place: 0@" in said or "place: root@" in said, said
    assert containers(podman) == []


def test_a_container_that_cannot_be_made_says_why_and_is_tried_once(
    podman: tuple[str, ...], engine: Callable[[BoxCarrier], Engine], tmp_path: Path
):
    box = box_of(podman)
    bad = PlaceSpec(box.name, box.scheme, up=(*podman, "run", "--no-such-option"), run=box.run, down=box.down)

    there = engine(BoxCarrier(bad, NAME, tmp_path))

    until(lambda: len(there.contacts) > 1, "two tries")
    assert "no such container" in there.contacts[0].why
    assert "then `up` failed" in there.contacts[0].why and "--no-such-option" in there.contacts[0].why
    assert "`up`" not in there.contacts[1].why


@needs_bwrap
def test_bwrap_is_a_place_that_sees_only_what_it_is_given(
    engine: Callable[[BoxCarrier], Engine], tmp_path: Path
):
    home = tmp_path / "home of the box"
    home.mkdir()
    run = (
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--unshare-net",
    )
    run = (*run, "--bind", str(home), str(home), "--setenv", "HOME", str(home), sys.executable, "-")

    there = engine(BoxCarrier(PlaceSpec(PlaceName("box"), Scheme.PIPE, run=run), NAME, tmp_path))
    job = places.job(tmp_path, "a", f"touch {tmp_path}/out; cat /proc/net/dev | wc -l; pwd; echo y > y")
    there.executor.start(job)
    end = there.end()

    assert isinstance(end, e.AttemptSucceeded), end
    lines = (job.directory / "output.log").read_text().splitlines()
    assert lines[-1].startswith(f"{home}/.cache/porch/hosts/")
    assert lines[-2] == "3", "two lines of heading, and the loopback"
    assert not (tmp_path / "out").exists()
