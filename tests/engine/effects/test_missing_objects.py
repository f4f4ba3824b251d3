"""A missing object is made again where porch can, and the work that needs it continues."""

from __future__ import annotations

import pytest

from project import Project

pytestmark = pytest.mark.slow

LOSE = """#!/bin/sh
# unpack all objects and delete one of them, once: like a gc at the wrong moment
lost=$1; mark=$2
test "$PORCH_TASKS" = b || exit 0
git rev-parse -q --verify "$PORCH_COMMIT^2" > /dev/null || exit 0  # b alone
test -e "$mark" && exit 0
: > "$mark"
cd "$(git rev-parse --git-common-dir)" || exit 1
oid=$(git rev-parse "$PORCH_COMMIT$lost")
mkdir aside
mv objects/pack/* aside/
for pack in aside/*.pack; do test ! -e "$pack" || git unpack-objects -q < "$pack"; done
rm -f "objects/$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-)"
! git cat-file -e "$oid" 2>/dev/null
"""


def plan(project: Project, lost: str) -> None:
    """Let the merge of b on a, which lands first, lose an object while it is validated."""
    project.write("lose.sh", LOSE)
    after_a = "until git cat-file -e main:a 2>/dev/null; do sleep 0.05; done"
    tasks = f"tasks:\n  a: {{run: 'echo a > a'}}\n  b: {{run: '{after_a}; echo b > b'}}\n"
    project.plan(f"validate: sh lose.sh '{lost}' {project.root.parent / 'mark'}\n{tasks}")


@pytest.mark.parametrize("lost", [pytest.param("", id="commit"), pytest.param("^{tree}", id="tree")])
def test_a_merge_with_a_missing_object_is_made_again_and_lands(project: Project, lost: str):
    plan(project, lost)

    project.porch("run", "--headless", "--parallel")

    assert (project.root.parent / "mark").exists()
    assert {"a": "landed", "b": "landed"} == project.outcomes()
    project.git("fsck", "--no-dangling")


def test_an_entry_whose_commit_is_missing_is_given_up(project: Project):
    """Porch cannot recreate the task's own commit: the entry leaves the queue, and nothing loops."""
    plan(project, "^2")

    project.porch("run", "--headless", "--parallel", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()


AFTER_LANDINGS = """#!/bin/sh
# nothing lands before all are done; then each waits for the previous landing, and the last loses its merge
# and the one on top of
until git cat-file -e feature/a:a && git cat-file -e feature/b:b && git cat-file -e feature/c:c
do sleep 0.05; done 2>/dev/null
case "$PORCH_TASKS" in
"a b") until git cat-file -e main:a 2>/dev/null; do sleep 0.05; done; exit 0;;
"a b c") until git cat-file -e main:b 2>/dev/null; do sleep 0.05; done;;
*) exit 0;;
esac
test -e "$1" && exit 0
sleep 0.5
: > "$1"
lost="$(git rev-parse "$PORCH_COMMIT" "$PORCH_COMMIT^{tree}" "$PORCH_COMMIT^1")"
cd "$(git rev-parse --git-common-dir)" || exit 1
mkdir aside
mv objects/pack/* aside/
for pack in aside/*.pack; do test ! -e "$pack" || git unpack-objects -q < "$pack"; done
for oid in $lost; do rm -f "objects/$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-)"; done
"""


def test_merges_on_candidates_that_have_landed_since_are_made_again(project: Project):
    """They are not rebuilt when the candidate below them lands, so that one has to be made again too."""
    project.write("lose.sh", AFTER_LANDINGS)
    tasks = "".join(
        f"  {n}: {{run: 'echo {n} > {n}', priority: {p}}}\n" for n, p in (("a", 3), ("b", 2), ("c", 1))
    )
    mark = project.root.parent / "mark"
    project.plan(f"integrity: every\nvalidate: sh lose.sh {mark}\ntasks:\n{tasks}")

    project.porch("run", "--headless", "--parallel", "--slots", "3")

    assert mark.exists()
    assert {"a": "landed", "b": "landed", "c": "landed"} == project.outcomes()
    project.git("fsck", "--no-dangling")
