"""What is wrong with a person's settings takes one row of the screen."""

from __future__ import annotations

import pytest

from porch_tui.present.signs import Charset
from porch_tui.tui.model.messages import in_one_row

UNKNOWN = "settings.toml:2: no setting is called 'bel'; did you mean 'bell'?; this line is not used"
TAKEN = "settings.toml:9: f5 is the key of task.retry; the command is in the palette"
LONG = "settings.toml:3: found 3 for the theme of the screen; expected a name; this line is not used"


@pytest.mark.parametrize(
    ("warnings", "width", "expected"),
    [
        ((), 76, ""),
        ((UNKNOWN,), 90, UNKNOWN),
        ((UNKNOWN,), 76, "settings.toml:2: no setting is called 'bel'; did you mean 'bell'?"),
        ((UNKNOWN,), 70, "settings.toml:2: no setting is called 'bel'; did you mean 'bell'?"),
        ((UNKNOWN,), 64, "settings.toml:2: no setting is called 'bel'"),
        ((TAKEN,), 45, "settings.toml:9: f5 is the key of task.retry"),
        ((TAKEN,), 40, "settings.toml:9:…; more: porch settings"),
        ((UNKNOWN, LONG), 76, "settings.toml:2: no setting is called 'bel'; 1 more: porch settings"),
        ((LONG, LONG, LONG), 56, "settings.toml:3: found 3 for the theme of the screen"),
        ((LONG, LONG, LONG), 50, "settings.toml:3: found 3…; 2 more: porch settings"),
    ],
)
def test_of_a_warning_is_said_what_fits_and_where_the_rest_is(
    warnings: tuple[str, ...], width: int, expected: str
) -> None:
    assert expected == in_one_row(warnings, width, Charset.UNICODE)
