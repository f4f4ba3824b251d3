"""An object that is gone is made again where porch can, and the work that needs it goes on."""

from __future__ import annotations

import pytest

from project import Project

LOSE = """#!/bin/sh
# all packs become loose objects, and one of these goes, once: as by a gc at the wrong moment
lost=$1; mark=$2
test "$PORCH_TASKS" = b || exit 0
git rev-parse -q --verify "$PORCH_COMMIT^2" > /dev/null || exit 0  # b by itself
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
    """Have the merge of b upon a, which lands first, lose an object while it is validated."""
    project.write("lose.sh", LOSE)
    after_a = "until git cat-file -e main:a 2>/dev/null; do sleep 0.05; done"
    tasks = f"tasks:\n  a: {{run: 'echo a > a'}}\n  b: {{run: '{after_a}; echo b > b'}}\n"
    project.plan(f"validate: sh lose.sh '{lost}' {project.root.parent / 'mark'}\n{tasks}")


@pytest.mark.parametrize(
    "lost", [pytest.param("", id="commit", marks=pytest.mark.slow), pytest.param("^{tree}", id="tree")]
)
def test_a_merge_whose_object_is_gone_is_made_again_and_lands(project: Project, lost: str):
    plan(project, lost)

    project.porch("run", "--headless", "--parallel")

    assert (project.root.parent / "mark").exists()
    assert {"a": "landed", "b": "landed"} == project.outcomes()
    project.git("fsck", "--no-dangling")


def test_what_cannot_be_made_again_is_given_up(project: Project):
    """The task's own commit is nothing that porch could make: the entry steps aside, and nothing loops."""
    plan(project, "^2")

    project.porch("run", "--headless", "--parallel", expect=1)

    assert {"a": "landed", "b": "rejected"} == project.outcomes()


AFTER_LANDINGS = """#!/bin/sh
# each waits for the landing of the one before it; the last then loses its merge and the one that stands upon
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


def test_merges_upon_candidates_that_have_landed_since_are_made_again(project: Project):
    """They are not built again when what they stand upon lands, so that has to be made again as well."""
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
