"""Each command that porch advises is typed by a test, or it is said here why none can.

A new command in a text of the code fails here until a test types it, in the situation that prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from advice_templates import shapes

TESTS = Path(__file__).parents[1]

REVERTED = "test_undo_refuses_a_pushed_landing_and_names_the_command_that_reverts_it"
ATTACHED = "test_attach_shows_a_run_of_another_process_and_prints_its_status_on_leaving"
ENDINGS = "test_every_way_to_end_is_got_over_by_what_is_advised"
OPERATIONS = "test_an_operation_under_way_ends_as_said"
NOTHING = "test_from_nothing_to_a_run_by_what_is_said"
DELETED_RUN = "test_the_suggested_command_removes_a_worktree_of_a_deleted_run_without_losing_work"
NO_REPOSITORY = "test_from_no_repository_to_one_with_a_commit_by_what_is_said"

TYPED: Mapping[str, str] = {
    "git add": NO_REPOSITORY,
    "git am --abort": OPERATIONS,
    "git am --continue": OPERATIONS,
    "git bisect reset": OPERATIONS,
    "git branch": "test_a_branch_that_was_deleted_is_brought_back_as_advised",
    "git branch -f": "test_a_branch_that_was_reset_lands_as_it_was",
    "git cherry-pick --abort": OPERATIONS,
    "git cherry-pick --continue": OPERATIONS,
    "git commit": NO_REPOSITORY,
    "git config --global": NO_REPOSITORY,
    "git config --global --add": "test_a_repository_of_another_user_is_trusted_as_said",
    "git fetch --unshallow": "test_a_shallow_clone_gets_its_history_as_said",
    "git init": NO_REPOSITORY,
    "git merge --abort": OPERATIONS,
    "git merge --continue": OPERATIONS,
    "git rebase --abort": OPERATIONS,
    "git rebase --continue": OPERATIONS,
    "git revert --abort": OPERATIONS,
    "git revert --continue": OPERATIONS,
    "git show": "test_what_was_left_uncommitted_is_shown_as_the_report_says",
    "git update-ref -d": "test_the_suggested_command_deletes_a_ref_to_a_missing_object",
    "git worktree add -f": "test_the_suggested_command_restores_a_worktree_whose_folder_is_gone",
    "git worktree remove": DELETED_RUN,
    "git worktree unlock": "test_the_suggested_command_restores_a_worktree_whose_folder_is_gone",
    "porch add --run": "test_a_task_that_is_added_to_a_living_run_starts_and_lands",
    "porch approve": "test_work_to_be_reviewed_waits_while_the_rest_lands_and_lands_once_it_is_approved",
    "porch attach": ATTACHED,
    "porch budget": "test_a_task_over_its_budget_is_frozen_and_continues_when_it_is_raised_as_advised",
    "porch check": NOTHING,
    "porch check --fix": "test_with_yes_they_are_written_and_then_there_is_nothing_to_fix",
    "porch check --fix --yes": "test_with_yes_they_are_written_and_then_there_is_nothing_to_fix",
    "porch check --json": "test_check_has_exactly_the_keys_of_the_contract",
    "porch choose": "test_a_tie_is_for_a_person_to_decide_and_is_kept_as_evidence",
    "porch choose --none": "test_where_no_theory_beats_the_base_none_lands_and_a_person_may_leave_it_at_that",
    "porch clean": ENDINGS,
    "porch clean --shelve": "test_a_run_that_is_closed_makes_room_for_another_as_said",
    "porch close": "test_a_closed_run_is_reported_and_cleaned",
    "porch cluster": "test_down_ends_all_and_up_starts_again_with_the_same_certificates",
    "porch conflicts": "test_a_proposal_waits_for_a_person_and_lands_with_its_author",
    "porch demo": "test_the_demo_lands_the_largest_green_set_unattended",
    "porch diff": "test_the_diff_of_a_task_is_what_would_change_on_the_target",
    "porch doctor": "test_all_is_fine_in_a_healthy_repository",
    "porch enter": "test_every_key_arrives_as_in_a_terminal_of_its_own",
    "porch finish": "test_a_task_that_is_finished_is_checked_and_lands",
    "porch logs --follow": "test_a_log_is_followed_as_text_to_the_end_of_its_terminal",
    "porch notify": "test_what_is_said_is_written_into_the_directory_of_the_attempt",
    "porch send": "test_a_text_is_sent_as_a_paste_where_that_is_asked_for_and_then_enter",
    "porch doctor --on": "test_places_of_the_plan_are_named_on_the_command_line",
    "porch each": "test_tracked_files_with_any_name_are_each_given_once",
    "porch help": "test_help_lists_topics_and_prints_pages_and_commands",
    "porch init": NOTHING,
    "porch init --for": "test_it_is_written_where_the_program_looks_for_it",
    "porch init --for --print": "test_it_is_written_where_the_program_looks_for_it",
    "porch init --print": NOTHING,
    "porch logs": ENDINGS,
    "porch logs --attempt": "test_logs_that_are_not_there_name_those_that_are",
    "porch logs --judge --time": "test_an_earlier_time_is_a_document_of_its_own",
    "porch logs --validation": ENDINGS,
    "porch places": "test_what_is_in_a_worktree_elsewhere_is_shown_or_said_how_to_see",
    "porch plan": "test_a_list_becomes_a_plan_that_can_be_checked",
    "porch plan --by": "test_each_part_is_a_task_for_the_command",
    "porch plan --by --": "test_each_part_is_a_task_for_the_command",
    "porch plan --force": "test_nothing_is_overwritten_without_force",
    "porch release": ENDINGS,
    "porch report": ENDINGS,
    "porch requeue": "test_what_was_undone_lands_again",
    "porch resolve": ENDINGS,
    "porch resolve --abort": "test_damaged_choices_are_forgotten_as_said",
    "porch resolve --edit": "test_an_editor_gets_markers_and_those_it_leaves_stay_open",
    "porch resolve --take": ENDINGS,
    "porch resume": ENDINGS,
    "porch resume --allow-red-base": "test_a_target_that_fails_by_itself_may_be_allowed_to",
    "porch resume-tasks": "test_a_pause_ends_as_advised_with_and_without_an_engine",
    "porch retry": ENDINGS,
    "porch retry --keep --say": "test_an_agent_that_asks_gets_the_answer_where_it_stopped",
    "porch run": NOTHING,
    "porch run --beside": "test_a_second_run_is_refused_with_the_running_one_and_the_option_beside",
    "porch run --on": "test_a_plan_lands_the_same_on_two_boxes_as_it_does_here",
    "porch run --serial": "test_a_serial_run_has_one_slot",
    "porch runs": NOTHING,
    "porch settings": "test_each_value_is_listed_with_where_it_came_from",
    "porch status": "test_logs_that_are_not_there_name_those_that_are",
    "porch stop": "test_a_command_without_tasks_asks_for_names_or_all",
    "porch stop --all": "test_a_run_over_its_budget_starts_nothing_and_is_raised_or_stopped_as_advised",
    "porch undo": "test_a_living_engine_can_undo",
    "porch undo --revert": REVERTED,
    "porch unshelve": "test_shelved_work_is_restored_as_it_was",
    "porch unshelve --run": "test_a_branch_that_was_set_aside_comes_back_after_an_undo_as_said",
    "porch validate": "test_a_task_that_fails_only_with_others_can_be_validated_on_top_of_them",
}
"""By command, without what is filled in: the test that types it."""

NOT_TYPED: Mapping[str, str] = {
    "git am": "names an operation",
    "git branch -D": "throws work away, and says so",
    "git commit-tree -S -m": "porch types it itself, before a run",
    "git config": "names what tasks share",
    "git fsck": "named as a way to look",
    "git gc": "named as what git would do on its own",
    "git merge": "part of a line with `…` in it, for a person to fill in",
    "git mergetool": "the label of a key",
    "git pull --no-rebase": "its two sides conflict, or there would be nothing to advise",
    "git reflog": "named as a way to look",
    "git refs --ref-format": "needs git 2.46, and a repository with reftables",
    "git rm --cached": "printed with the rest in git/worktree/nested_repositories.py, whose tests have it",
    "git stash": "names what tasks share",
    "git status": "named as a way to look",
    "git submodule update --init": "printed in git/worktree/nested_repositories.py, whose tests have it",
    "git submodule update --init --recursive": "a line for the plan",
    "git switch": "part of a line with `…` in it, for a person to fill in",
    "git worktree list": "named as a way to look",
    "git worktree prune": "git's own record is damaged there",
    "git worktree remove -f": "throws work away, and says so",
    "git worktree repair": "after a move or a copy: what is right there a person has to know",
    "porch add": "names the command; what to add is for the person to say",
    "porch slots": "names the command; how many is for the person to say",
}
"""By command: why no test types it."""


@cache
def names_of_tests() -> frozenset[str]:
    """Return the names of all test functions."""
    texts = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return frozenset(
        line.partition("def ")[2].partition("(")[0]
        for text in texts
        for line in text.splitlines()
        if line.startswith(("def test_", "async def test_"))
    )


def test_each_command_that_is_advised_is_typed_by_a_test():
    new = {shape: files for shape, files in shapes().items() if shape not in {**TYPED, **NOT_TYPED}}

    assert {} == new, "type them in a test, and name it in TYPED"


def test_the_tests_that_type_them_are_there():
    assert [] == sorted(set(TYPED.values()) - names_of_tests())
