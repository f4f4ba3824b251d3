"""Links in a log: underlined once it is known that they lead somewhere, in the program's own colors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from rich.segment import Segment
from textual.geometry import Region

from porch_tui.tui.log.links import FileLink, WebLink
from porch_tui.tui.log.named_files import MOST_ASKED, NamedFiles
from porch_tui.tui.log.pane import LogPane
from tests.tui.pane_harness import PATIENCE_S, Shown, in_loop, on_screen


def worktree(folder: Path, *names: str) -> Path:
    """Return a folder with these files."""
    for name in names:
        (folder / "wt" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "wt" / name).write_text("")
    return folder / "wt"


def underlined(shown: Shown) -> list[Segment]:
    """Return what is underlined in the rows of the pane."""
    rows = shown.pane.render_lines(Region(0, 0, *shown.pane.size))
    return [one for strip in rows for one in strip if one.style is not None and one.style.underline]


async def until_underlined(shown: Shown, *texts: str) -> None:
    """Tick until just these texts are underlined."""
    async with asyncio.timeout(PATIENCE_S):
        while [one.text for one in underlined(shown)] != list(texts):
            shown.pane.tick()
            await shown.pilot.pause(0.01)


@in_loop
async def test_only_what_is_there_is_underlined_and_keeps_its_colors(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", worktree(tmp_path, "src/a.py", "c.py")
    log.write_text(
        "\x1b[31msrc/a.py:12\x1b[0m: no, b.py:3, ../log:1\n"
        f"\x1b]8;;file://{folder}/c.py\x1b\\\x1b[1mthat\x1b[0m\x1b]8;;\x1b\\ and https://example.org.\n"
    )
    async with on_screen(LogPane(), log) as shown:
        shown.pane.show(log, "log", worktree=folder)
        await until_underlined(shown, "src/a.py:12", "that", "https://example.org")

        styles = [one.style for one in underlined(shown) if one.style is not None]
        assert all(style.link is None for style in styles) and styles[1].bold
        assert styles[0].color != styles[1].color == styles[2].color


@in_loop
async def test_a_log_without_a_worktree_has_nothing_underlined(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(f"{log}:1 https://example.org\n")
    async with on_screen(LogPane(), log) as shown:
        shown.pane.tick()

        assert [] == underlined(shown)


@in_loop
async def test_only_the_rows_of_links_are_drawn_again(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", worktree(tmp_path, "a.py")
    log.write_text("one\na.py:1\nthree\nb.py:1\n" + "x" * 70 + "\na.py:7\n")
    async with on_screen(LogPane(), log) as shown:
        await shown.press("w")
        shown.pane.show(log, "log", worktree=folder)
        await shown.pilot.pause()
        shown.repainted()
        rows: list[tuple[int, int]] = []
        async with asyncio.timeout(PATIENCE_S):
            while not rows:
                await asyncio.sleep(0.01)
                shown.pane.tick()
                rows = shown.repainted()

        assert [(2, 1), (7, 1)] == rows


def asking() -> tuple[NamedFiles, list[Callable[[], None]]]:
    """Return files, and the threads that they want."""
    threads: list[Callable[[], None]] = []

    def begin(act: Callable[[], None]) -> bool:
        threads.append(act)
        return True

    return NamedFiles(begin), threads


def test_files_are_asked_for_once_some_at_a_time_and_aside(tmp_path: Path) -> None:
    files, threads = asking()
    files.begin(worktree(tmp_path, "f7"))
    names = [f"f{n}" for n in range(MOST_ASKED + 8)]
    assert not any(files.has(FileLink(name)) for name in names * 2) and files.has(WebLink("https://x.org"))

    assert frozenset() == files.look() == files.look() and 1 == len(threads)
    threads.pop()()
    assert frozenset() == files.look() and 1 == len(threads)
    threads.pop()()
    assert {"f7"} == files.look() and files.has(FileLink("f7", 3)) and not threads
    assert not files.has(FileLink("f8")) and frozenset() == files.look() and not threads


def test_what_was_asked_about_another_worktree_is_dropped(tmp_path: Path) -> None:
    files, threads = asking()
    files.begin(worktree(tmp_path, "a"))
    files.has(FileLink("a"))
    files.look()
    files.begin(tmp_path / "other")
    threads.pop()()

    assert frozenset() == files.look() and not files.has(FileLink("a"))
