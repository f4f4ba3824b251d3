"""Themes as people name them: `dark`, `contrast`, `nord`."""

from __future__ import annotations

from porch_tui.cli.settings import AUTO, Settings
from porch_tui.tui.terminal.options import theme_named


def why_no_theme(name: str) -> str:
    """Return that no theme has this name, and which was probably meant; nothing if all is well."""
    if name == AUTO:
        return ""
    from porch_tui.tui.drawing.styles import why_no_theme  # slow to import

    return why_no_theme(theme_named(name))


def theme_warning(settings: Settings) -> str:
    """Return what is wrong with the theme that is set or remembered, and where; nothing if all is well."""
    why = why_no_theme(settings.theme)
    return why and f"{settings.origins.get('theme', 'remembered')}: {why}; the usual theme is used"
