"""The order of spec-kit's tasks.md: phases, stories, and [P]."""

from __future__ import annotations

from porch_tui.planning.lists.reading import read_list

TASKS = """\
# Tasks: Albums
## Phase 1: Setup
- [x] T001 Create the project
- [ ] T002 Install dependencies
## Phase 2: Foundational (Blocking Prerequisites)
- [ ] T003 [P] Add logging in src/log.py
- [ ] T004 Add the schema
## Phase 3: User Story 1 - Albums (Priority: P1)
### Tests for User Story 1
- [ ] T005 [P] [US1] Test albums in tests/test_albums.py
### Implementation for User Story 1
- [ ] T006 [P] [US1] Create Album in src/album.py
- [ ] T007 [US1] Create AlbumService in src/albums.py
## Phase 4: User Story 2 - Sharing
- [ ] T008 [P] [US2] Create Share in src/share.py
## Phase 5: Polish
- [ ] T009 Clean up
## Dependencies
- User stories depend on Phase 2.
- T008 depends on T006
"""


def orders(text: str) -> dict[str, tuple[str, ...]]:
    return {task.key: task.after for task in read_list(text.encode(), "tasks.md").tasks}


def test_phases_follow_each_other_and_user_stories_are_independent():
    assert orders(TASKS) == {
        "T002": (),
        "T003": ("T002",),
        "T004": ("T003",),
        "T005": ("T004",),
        "T006": ("T004",),
        "T007": ("T005", "T006"),
        "T008": ("T004", "T006"),
        "T009": ("T007", "T008"),
    }


def test_a_user_story_may_come_after_another():
    later = orders(TASKS + "- **User Story 2 (P2)**: can start after User Story 1\n- US2 depends on US1\n")

    assert later["T008"] == ("T004", "T006", "T007")


def test_a_story_keeps_what_it_is_without_its_marks():
    (task,) = [one for one in read_list(TASKS.encode(), "tasks.md").tasks if one.key == "T006"]

    assert task.title == "Create Album in src/album.py"
    assert task.why == "T006, Phase 3: User Story 1 - Albums, US1: marked [P]"


def test_tests_that_come_first_are_pointed_out():
    assert any("T005" in note for note in read_list(TASKS.encode(), "tasks.md").notes)


def test_what_is_ticked_passes_on_what_it_came_after():
    assert orders(TASKS.replace("- [ ] T004", "- [x] T004"))["T006"] == ("T003",)
