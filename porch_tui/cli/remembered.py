"""What the screen remembers of how a person likes it, as they last chose it: theme, layout, width and order.

It is porch's own file, so that `settings.toml` stays as it was written; what is set there comes first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from porch_tui.cli.settings import Settings, own_folder
from porch_tui.journal.durable import PRIVATE_FOLDER, replace
from porch_tui.present.arrangement import Layout, SortKey


class Remembered(Struct, frozen=True, omit_defaults=True):
    """What was chosen on the screen; None: nothing so far."""

    theme: str | None = None
    layout: Layout | None = None
    list_width: float | None = None
    sort: SortKey | None = None


def remembered_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where it is: `$XDG_STATE_HOME/porch/screen.json`, else below `~/.local/state`."""
    return own_folder("XDG_STATE_HOME", ".local/state", environ) / "screen.json"


def read_remembered(file: Path | None = None) -> Remembered:
    """Return what is remembered; nothing if the file is not there, or broken."""
    try:
        return msgspec.json.decode((file or remembered_file()).read_bytes(), type=Remembered)
    except (OSError, msgspec.DecodeError):
        return Remembered()


def remember(chosen: Mapping[str, object], file: Path | None = None) -> None:
    """Remember what was chosen, by the names in `Remembered`. That it cannot be written is no error."""
    file = file or remembered_file()
    before = read_remembered(file)
    now = msgspec.convert(msgspec.to_builtins(before) | {**chosen}, Remembered)
    if now == before:
        return
    with suppress(OSError):
        file.parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        replace(file, msgspec.json.encode(now), is_durable=False)


def forget(name: str, file: Path | None = None) -> None:
    """Forget what was chosen of this name, if anything was."""
    if name in Remembered.__struct_fields__:
        remember({name: None}, file)


def with_remembered(settings: Settings, remembered: Remembered) -> Settings:
    """Return the settings with what is remembered where nothing is set."""
    chosen = {
        name: value
        for name, value in structs.asdict(remembered).items()
        if value is not None and name not in settings.origins
    }
    return structs.replace(settings, **chosen)
