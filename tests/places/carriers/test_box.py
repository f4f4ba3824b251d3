"""Places that a plan makes: made once, entered, taken away; here a file stands for a container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from porch_tui.core.model.place import PlaceName, PlaceSpec, Scheme
from porch_tui.places.carriers.box import BoxCarrier, box_name, made_in, take_away
from porch_tui.places.carriers.carrier import CarrierError

NAME = box_name("0123456789abcdef", "my box/1")


def spec(folder: Path, up: str) -> PlaceSpec:
    """Return a place that is there while a file is; its way in says so, and ends."""
    script = 'test -e "$1" || { echo "no such box" >&2; exit 1; }; echo "in the box" >&2; exit 2'
    box = f"{folder}/{{name}}"
    return PlaceSpec(
        PlaceName("my box/1"),
        Scheme.PIPE,
        up=("sh", "-c", up, "sh", box),
        run=("sh", "-c", script, "sh", box, "sh"),
        down=("rm", box),
    )


def refusal(carrier: BoxCarrier) -> str:
    with pytest.raises(CarrierError) as error:
        carrier.open(lambda data: None, lambda why: None)
    return str(error.value)


def test_a_place_is_made_where_the_way_in_finds_none(tmp_path: Path):
    carrier = BoxCarrier(spec(tmp_path, 'echo made >> "$1"'), NAME, tmp_path)

    assert refusal(carrier) == "in the box"
    assert refusal(carrier) == "in the box"
    assert (tmp_path / NAME).read_text() == "made\n", "it was made once"
    assert made_in(tmp_path) == (NAME,)
    assert take_away(tmp_path, NAME, os.environ) == ""
    assert not (tmp_path / NAME).exists()
    assert made_in(tmp_path) == ()


def test_a_place_that_cannot_be_made_is_tried_once_and_both_reasons_are_said(tmp_path: Path):
    carrier = BoxCarrier(spec(tmp_path, 'echo x >> "$1.tried"; echo no image; exit 3'), NAME, tmp_path)

    first, second = refusal(carrier), refusal(carrier)

    assert first.startswith("no such box; then `up` failed: ") and first.endswith("exit 3: no image")
    assert second == "no such box"
    assert (tmp_path / f"{NAME}.tried").read_text() == "x\n"


def test_a_place_that_cannot_be_taken_away_is_tried_again_later(tmp_path: Path):
    carrier = BoxCarrier(spec(tmp_path, 'echo made >> "$1"'), NAME, tmp_path)
    refusal(carrier)
    (tmp_path / NAME).unlink()

    assert "exit 1" in take_away(tmp_path, NAME, os.environ)
    assert made_in(tmp_path) == (NAME,)


def test_its_name_is_one_that_containers_may_have():
    assert NAME == "porch-0123456789ab-my-box-1"
