"""Everything that can be seen of a screen, to compare two."""

from __future__ import annotations

from porch_tui.emulator.screen import Screen


def state(screen: Screen) -> tuple[object, ...]:
    """Return what is shown, what has scrolled away, and what decides how further output looks."""
    return (
        [(line.chars, line.styles, line.used, line.wraps) for line in screen.lines],
        [(line.chars, line.styles, line.used, line.wraps) for line in screen.main.lines],
        list(screen.history.lines),
        (screen.x, screen.y, screen.style, screen.top, screen.bottom, screen.graphics, screen.shift),
        (screen.modes, screen.inserts, screen.saved, screen.title, screen.tabs, screen.keyboard),
    )


def shown(*pieces: bytes, cols: int = 10, rows: int = 4) -> list[str]:
    """Return the rows of a screen after some output."""
    return [line.text for line in fed(*pieces, cols=cols, rows=rows).lines]


def fed(*pieces: bytes, cols: int = 10, rows: int = 4) -> Screen:
    """Return a screen after some output."""
    screen = Screen(cols, rows)
    for piece in pieces:
        screen.feed(piece)
    return screen
