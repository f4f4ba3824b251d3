"""Recordings of real programs, and what tmux showed of the same bytes.

NAME.raw has the bytes; NAME.tmux.txt, NAME.tmux.ansi and NAME.tmux.cur are what `tmux capture-pane` and
`display` said of them: text, text with styles, and `X,Y alt=0 hist=0 COLSxROWS`. `record.py` makes more.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from porch_tui.emulator.screen import Screen

FOLDER = Path(__file__).parent / "recordings"
NAMES = sorted(path.stem for path in FOLDER.glob("*.raw"))


class Recording(Struct, frozen=True):
    """What a program wrote, and what tmux showed then."""

    data: bytes
    rows: list[str]
    styles: list[list[int]]
    """Of each row, as many cells as tmux wrote."""
    cursor: tuple[int, int]
    is_alternate: bool
    history: int
    """Rows in the scrollback."""
    size: tuple[int, int]

    def screen(self) -> Screen:
        """Return an empty screen of the size it was recorded at."""
        return Screen(*self.size)


def recording(name: str) -> Recording:
    """Return a recording by its name."""
    place, alternate, history, size = (FOLDER / f"{name}.tmux.cur").read_text().split()
    cols, rows = map(int, size.split("x"))
    x, y = map(int, place.split(","))
    texts, styles = pictured((FOLDER / f"{name}.tmux.ansi").read_bytes(), cols)
    missing = rows - len(texts)
    return Recording(
        (FOLDER / f"{name}.raw").read_bytes(),
        texts + [""] * missing,
        styles + [[] for _ in range(missing)],
        (x, y),
        alternate == "alt=1",
        int(history.removeprefix("hist=")),
        (cols, rows),
    )


def pictured(ansi: bytes, cols: int) -> tuple[list[str], list[list[int]]]:
    """Return the texts and the styles of rows that tmux has written with `capture-pane -e`."""
    reader = Screen(cols, 1)
    reader.feed(b"\x1b)0")  # tmux shifts out for lines and corners
    texts, styles = [], []
    for row in ansi.removesuffix(b"\n").split(b"\n"):
        reader.feed(row)
        texts.append(reader.lines[0].text)
        styles.append(reader.lines[0].styles[: reader.x])
        reader.page.clear(0, 1)
        reader.x = 0
    return texts, styles
