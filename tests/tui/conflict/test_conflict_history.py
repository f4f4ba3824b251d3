"""The commits of both sides that touched the file in conflict, in place of what the sides did."""

from __future__ import annotations

from pathlib import Path

import pytest

from porch_tui.core.conflict.conflict import Choice, Decision
from porch_tui.present.amounts import age
from porch_tui.present.clean import UNSAFE
from porch_tui.tui.terminal.options import ScreenOptions
from tests.tui.board_harness import assert_golden
from tests.tui.conflict.test_conflict_looks import masked
from tests.tui.conflict_harness import LOGGED, SIZES, TWO_FILES, Conflicted, ParkedRun, on_conflict
from tests.tui.hostile import EACH, HOSTILE
from tests.tui.pane_harness import in_loop
from tests.tui.recordings import OPENED_AT


def oids(conflict: Conflicted) -> str:
    """Return the screen with the commits' ids, which differ from run to run, as dots."""
    text = masked(conflict.shown.text(), conflict.run)
    for oid in conflict.run.repo.git("rev-list", "--all", conflict.run.onto, conflict.run.head).split():
        text = text.replace(oid[:7], "·······")
    return text


@pytest.mark.parametrize("key", ["l", "escape", "q"])
@in_loop
async def test_l_shows_what_touched_the_file_and_goes_back_to_its_sides(tmp_path: Path, key: str) -> None:
    async with on_conflict(ParkedRun(tmp_path, *TWO_FILES)) as conflict:
        await conflict.press("n", "l")
        await conflict.until_shown("Ada  ours")
        assert conflict.shown.shows("Ada  theirs") and conflict.shown.shows("< main ─")

        await conflict.press(key)

        assert conflict.is_open and (1, 2) == conflict.place
        assert not conflict.shown.shows("Ada  ours") and conflict.shown.shows("+ NAME = 'calc, split'")


@in_loop
async def test_the_next_file_is_there_with_its_own_history_and_one_chooses_as_ever(tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    run.collide_upon(run.repo.made(run.onto, {"notes.txt": "one, noted\n"}, "only the notes"))
    async with on_conflict(run) as conflict:
        await conflict.press("l")
        await conflict.until_shown("Ada  ours")
        assert not conflict.shown.shows("only the notes")

        await conflict.press("]", "<")
        await conflict.until_shown("only the notes")
        assert Decision(Choice.MAIN) == conflict.decision
        assert conflict.shown.shows("< one, noted")


@pytest.mark.parametrize("size", SIZES)
@in_loop
async def test_the_commits_in_every_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_DATE", f"{OPENED_AT - 5 * 3600:.0f} +0000")
    run = ParkedRun(tmp_path, *TWO_FILES)
    work = run.repo.made(run.onto, {"app/calc.py": LOGGED + "# more\n"}, "Log what is divided, and by whom")
    tree = run.repo.git("rev-parse", f"{work}^{{tree}}")
    message = "Land it\n\nPorch-Task: logging\n"
    run.collide_upon(run.repo.git("commit-tree", tree, "-p", run.onto, "-p", work, "-m", message))
    async with on_conflict(run, size) as conflict:
        await conflict.press("l")
        await conflict.until_shown("2 commits")

        assert_golden(f"conflict-history-{size[0]}x{size[1]}", oids(conflict))


@pytest.mark.slow
@in_loop
async def test_a_long_history_is_scrolled(tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    tip = run.onto
    for number in range(40):
        tip = run.repo.made(tip, {"app/calc.py": LOGGED + f"# {number}\n"}, f"step {number}")
    run.collide_upon(tip)
    async with on_conflict(run) as conflict:
        await conflict.press("l")
        await conflict.until_shown("step 39")
        assert not conflict.shown.shows("theirs")

        await conflict.press(*["space"] * 8)
        assert conflict.shown.shows("theirs")


@in_loop
async def test_where_git_cannot_tell_it_says_why_and_the_key_asks_again(tmp_path: Path) -> None:
    run = ParkedRun(tmp_path, *TWO_FILES)
    async with on_conflict(run) as conflict:
        head = run.repo.root / ".git" / "HEAD"
        hidden = head.rename(head.with_name("HIDDEN"))
        await conflict.press("l")
        await conflict.until_shown("git could not do what was asked")

        hidden.rename(head)
        await conflict.press("l", "l")
        await conflict.until_shown("theirs")


@pytest.mark.parametrize("name", EACH)
@in_loop
async def test_no_hostile_text_gets_out_of_a_commit(tmp_path: Path, name: str) -> None:
    text = HOSTILE[name].replace("\0", "").encode("utf-8", "replace").decode()
    run = ParkedRun(tmp_path, *TWO_FILES)
    run.repo.git("config", "user.name", text.replace("\n", " ").replace("<", "").replace(">", ""))
    run.collide_upon(
        run.repo.made(run.onto, {"app/calc.py": LOGGED + "#\n"}, f"HOSTILE {text}\n\nPorch-Task: {text}\n")
    )
    async with on_conflict(run, (120, 36)) as conflict:
        await conflict.press("l")
        await conflict.until_shown("HOSTILE")

        assert not UNSAFE.search(conflict.shown.text().replace("\n", ""))


@in_loop
async def test_in_ascii_it_has_no_other_character(tmp_path: Path) -> None:
    async with on_conflict(
        ParkedRun(tmp_path, *TWO_FILES), (80, 24), ScreenOptions(fps=0, is_ascii=True)
    ) as conflict:
        await conflict.press("l")
        await conflict.until_shown("theirs")

        assert conflict.shown.text().isascii()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_400, "1d"), (364 * 86_400, "364d"),
     (800 * 86_400, "2y")],
)  # fmt: skip
def test_an_age_has_one_unit(seconds: int, text: str) -> None:
    assert text == age(seconds)
