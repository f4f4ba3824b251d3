"""How the HTML report looks: light and dark, from a phone's width to a wide window, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from porch_tui.present.signs import Role

RULES = Path(__file__).with_name("report.css")
ROWS = Path(__file__).with_name("report_rows.css")
ROOM = {"table": 44, "table.wide": 52, "table.widest": 57.5}
"""Tables that need so much, in the height of the text; with less their rows are laid out by `ROWS`."""

COLORS: Mapping[Role, tuple[str, str]] = {
    Role.WAIT: ("#5c6670", "#93a0ac"),
    Role.RUN: ("#1f5fbf", "#76aef5"),
    Role.HELD: ("#7a3e9d", "#c79be6"),
    Role.GOOD: ("#1c6e35", "#6cc886"),
    Role.FAIL: ("#b42318", "#ff8a7d"),
    Role.ASK: ("#8a5a00", "#e3b341"),
}
"""Of each status on a light and on a dark ground; contrast is at least 4.5 to 1 on both."""

_GROUND = {
    "ground": ("#ffffff", "#12161b"),
    "raised": ("#f5f6f8", "#1a2027"),
    "text": ("#1d2329", "#dbe2e8"),
    "muted": ("#5c6670", "#93a0ac"),
    "rule": ("#dfe3e8", "#303945"),
    "accent": ("#1f5fbf", "#76aef5"),
    "added": ("#e3f4e8", "#16301f"),
    "removed": ("#fbe6e4", "#3a1c1a"),
}


def role_class(role: Role) -> str:
    """Return the class of what has this role."""
    return f"r-{role.name.lower()}"


def _variables(side: int) -> str:
    grounds = (f"--{name}: {colors[side]};" for name, colors in _GROUND.items())
    roles = (f"--{role_class(role)}: {colors[side]};" for role, colors in COLORS.items())
    return " ".join((*grounds, *roles))


def style() -> str:
    """Return the style sheet of a page."""
    roles = "\n".join(
        f".{name} {{ color: var(--{name}); }} .b-{name} {{ border-color: var(--{name}); }}"
        f" svg .f-{name} {{ fill: var(--{name}); }} i.f-{name} {{ background: var(--{name}); }}"
        for name in map(role_class, COLORS)
    )
    light, dark = (f":root {{ color-scheme: light dark; {_variables(side)} }}" for side in (0, 1))
    inner = ROWS.read_text()
    rows = "".join(
        f"@container (max-width: {most}rem) {{ {table} {{\n{inner}}} }}\n" for table, most in ROOM.items()
    )
    themes = f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"
    return f"{themes}{RULES.read_text()}@media screen {{\n{rows}}}\n{roles}"
