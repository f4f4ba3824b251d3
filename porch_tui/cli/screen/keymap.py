"""Reads a person's own keys for the screen: `keys.toml` in porch's configuration folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from porch_tui.cli.settings import configuration_folder
from porch_tui.errors import PlanError


def keymap_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the file is looked for."""
    return configuration_folder(environ) / "keys.toml"


def read_keymap(file: Path) -> dict[str, str]:
    """Return keys by the id of their action, `{"task.retry": "r,f5"}`; empty without a file.

    Raises PlanError with file and line for invalid TOML, an unknown id, or keys that are no text.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{file}: the keys of the screen cannot be read: {error}") from error
    import difflib  # not needed without such a file
    import tomllib

    from porch_tui.tui.keys.bindings import known_ids

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f'{file}: {error}; a line looks like: "task.retry" = "r,f5"') from error
    known, heads = known_ids(), [line.partition("=")[0] for line in text.splitlines()]
    for id, keys in found.items():
        place = f"{file}:{next((number for number, head in enumerate(heads, 1) if id in head), 1)}"
        if id not in known:
            near = difflib.get_close_matches(id, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "the help screen (?) shows them"
            raise PlanError(f"{place}: no key of the screen is called {id!r}; {hint}")
        if not isinstance(keys, str) or not all(key.strip() for key in keys.split(",")):
            raise PlanError(f'{place}: {id} needs the names of keys, such as "r" or "r,f5"')
    return {id: ",".join(key.strip() for key in keys.split(",")) for id, keys in found.items()}
