"""The hooks that `git merge` would run, as steps of a validation; and the messages they return.

porch merges without a checkout, so git runs neither `pre-merge-commit` nor `commit-msg`. With `hooks: run`
in the plan both run in the validation's worktree: the first once, on all that the prefix adds to the tip;
the second once per message. A message is kept as the hook left it (with a Change-Id, say) and found again
by its original text, however often the merge is rebuilt.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import Sha
from porch_tui.core.model.state import RunState
from porch_tui.core.rules.effects import ValidateCandidate
from porch_tui.engine.effects.merging import merge_message
from porch_tui.engine.effects.tools import Tools
from porch_tui.errors import RepositoryError
from porch_tui.git.merge import commits
from porch_tui.git.working_tree import WorkingTree
from porch_tui.journal.durable import PRIVATE_FOLDER, replace
from porch_tui.process.assignment import Step
from porch_tui.process.liveness import Exit

HOOKS = ("pre-merge-commit", "commit-msg")
"""Those that `git merge` runs."""
PRE_MERGE_COMMIT, COMMIT_MSG = "hook pre-merge-commit", "hook commit-msg"
NAMES = (PRE_MERGE_COMMIT, COMMIT_MSG)
"""The steps' names."""
OFFERED = "messages"
"""Folder in a validation's directory with the messages for its commit-msg step."""
OURS = re.compile(r"Porch-[A-Za-z-]+:")

# As in `git merge` (observed in a linked worktree): HEAD at the first parent, the merged state staged, the
# index in the environment, no editor. A soft reset leaves index and files alone; it is undone however the
# hook ends. porch's own commands name git directory and folder, as `WorkingTree` does; the hook finds them
# as usual.
AHEAD = """\
git_dir=$1 ahead=$2 merged=$3; shift 3
ours() { GIT_DIR=$git_dir GIT_WORK_TREE=$PORCH_WORKTREE git "$@"; }
ours reset -q --soft "$ahead" || exit 125
GIT_EDITOR=: GIT_INDEX_FILE=$git_dir/index; export GIT_EDITOR GIT_INDEX_FILE
"""
BACK = """
ours reset -q --soft "$merged" || code=125
exit "$code"
"""
CHECK_STATE = f"{AHEAD}git hook run --ignore-missing pre-merge-commit; code=$?{BACK}"
# Pairs of a head and a message. git merge has written MERGE_HEAD by then, and a soft reset refuses while it
# exists. Not with update-ref: deleting takes packed-refs.lock, for which two validations have collided.
CHECK_MESSAGES = f"""\
{AHEAD}code=0 head=$git_dir/MERGE_HEAD
while test $# -gt 0 -a "$code" = 0; do
    test -z "$1" || echo "$1" > "$head"
    git hook run --ignore-missing commit-msg -- "$2"; code=$?
    rm -f "$head"
    test "$code" != 0 || grep -q '[^[:space:]]' "$2" || {{ echo "it left an empty message"; code=1; }}
    shift 2
done{BACK}"""


class Message(Struct, frozen=True):
    """A message for the commit-msg hook."""

    head: Sha | None
    """What is merged; None for a squash, which merges nothing."""
    text: str

    @property
    def name(self) -> str:
        """The name of its file: the hook sees the same text once."""
        return hashlib.sha256(_bytes(self.text)).hexdigest()


def pending(effect: ValidateCandidate, state: RunState, tools: Tools) -> tuple[Message, ...]:
    """Return the messages of a prefix that no hook has accepted yet; none if the plan runs no hooks."""
    if not state.plan.runs_hooks:
        return ()
    validation, is_squash = state.validations.in_flight.get(effect.tree), state.plan.squash
    parent, found = _first_parent(effect, state), []
    for task in effect.tasks[-1:] if validation is not None and validation.is_probe else effect.tasks:
        entry = state.entries[task]
        kept = commits.squashed(tools.repository, parent, entry.head) if is_squash else None
        by = entry.resolved_by
        text = merge_message(state, task, resolved=entry.resolved, resolved_by=by, squashed=kept)
        message = Message(None if is_squash else entry.head, text)
        if not (tools.rundir.messages / message.name).exists():
            found.append(message)
    return tuple(found)


def steps(
    effect: ValidateCandidate,
    state: RunState,
    messages: Iterable[Message],
    directory: Path,
    tree: WorkingTree,
) -> tuple[Step, Step | None]:
    """Return the step for the combined state, and the step for the messages if there are any.

    The messages are written to the validation's `directory`; `tree` is where it runs.
    """
    common = str(tree.git_dir), _first_parent(effect, state), effect.commit
    folder, pairs = directory / OFFERED, list[str]()
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    for message in messages:
        (folder / message.name).write_bytes(_bytes(message.text))
        pairs += [message.head or "", str(folder / message.name)]
    shell = "/bin/sh", "-c"
    state_argv = (*shell, CHECK_STATE, "porch", *common)
    state_step = Step(PRE_MERGE_COMMIT, state_argv, "git hook run pre-merge-commit")
    if not pairs:
        return state_step, None
    message_argv = (*shell, CHECK_MESSAGES, "porch", *common, *pairs)
    return state_step, Step(COMMIT_MSG, message_argv, "git hook run commit-msg")


def accept(exit_: Exit, directory: Path, tools: Tools) -> None:
    """Keep the messages of a validation as the hook left them, if it accepted them all."""
    if not any((step.name, step.code) == (COMMIT_MSG, 0) for step in exit_.steps):
        return
    tools.rundir.messages.mkdir(PRIVATE_FOLDER, exist_ok=True)
    for path in (directory / OFFERED).iterdir():
        replace(tools.rundir.messages / path.name, path.read_bytes())


def accepted_message(offered: str, landing: str, tools: Tools) -> str:
    """Return the message that commit-msg made of `offered`, with porch's own trailers as in `landing`.

    Usually the validation has run the hook; where it did not (another prefix gave the same tree, or a red
    base was allowed) it runs now. Raises RepositoryError if the hook refuses the message.
    """
    kept = tools.rundir.messages / Message(None, offered).name
    if not kept.exists():
        kept.parent.mkdir(PRIVATE_FOLDER, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".offered-") as folder:
            file = Path(folder) / "MERGE_MSG"
            file.write_bytes(_bytes(offered))
            words = ("--ignore-missing", "commit-msg", "--", file)
            done = tools.repository.main.plain_git.run("hook", "run", *words, check=False)
            if done.code != 0:
                raise RepositoryError(f"{COMMIT_MSG}: exit {done.code}: {done.stderr.strip()}")
            replace(kept, file.read_bytes())
    text = kept.read_bytes().decode("utf-8", "surrogateescape")
    first, *rest = text.splitlines(keepends=True) or [""]
    text = first + "".join(line for line in rest if not OURS.match(line))
    trailers = [line for line in landing.rpartition("\n\n")[2].splitlines() if OURS.match(line)]
    return commits.with_trailers(tools.repository, text, trailers)


def _first_parent(effect: ValidateCandidate, state: RunState) -> str:
    """Return the commit on which the combined state is staged, for git: for a prefix of the train the tip.

    So a hook that examines what is staged sees the work of every task of the prefix in one run.
    """
    validation = state.validations.in_flight.get(effect.tree)
    if validation is None or not validation.is_probe:
        return f"{effect.commit}~{len(effect.tasks)}"
    attempt = state.tasks[effect.tasks[-1]].attempt
    is_alone = effect.commit == state.entries[effect.tasks[-1]].head
    return attempt.base if is_alone and attempt is not None else f"{effect.commit}~1"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
