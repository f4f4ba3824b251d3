"""The message for a bad plan file: place, key, what was found, what was expected."""

from __future__ import annotations

import pytest
import yaml
from planfile.plan_reading import FULL, ONE_TASK, refusal, task, theory

from porch_tui.planfile.text import composer

TOP = "\n" + ONE_TASK

OF_ITS_OWN = ["a command of your own as a list of words", '[my-agent, "{prompt}"]']
ASKED = "q: {judge: x, question: y}"
MISTAKES = [
    # text, line:column, parts of the message
    (
        "gaol: x" + TOP,
        "1:1",
        ["gaol: unknown key 'gaol'", "expected one of name, goal", "did you mean 'goal'?"],
    ),
    (task("run: x, aftr: [b]"), "2:15", ["tasks.a.aftr: unknown key 'aftr'", "did you mean 'after'?"]),
    ("goal: x", "1:1", ["no 'tasks'"]),
    ("tasks: {}", "1:8", ["tasks: ", "0 entries", "at least 1"]),
    ("tasks: [a]", "1:8", ["found a list", "a mapping"]),
    ("- a", "1:1", ["found a list", "a mapping"]),
    ("plain", "1:1", ["found 'plain'", "a mapping"]),
    ("", "1:1", ["no plan", "porch init"]),
    ("# nothing\n", "1:1", ["no plan"]),
    ("name: Bad Name" + TOP, "1:7", ["name: found 'Bad Name'", "a name of"]),
    ("name: a..b" + TOP, "1:7", ["name: "]),
    ("name: a.lock" + TOP, "1:7", ["name: "]),
    ("name: 12" + TOP, "1:7", ["found the number 12", 'write "12" in quotes']),
    ("goal:" + TOP, "1:6", ["found nothing; expected text"]),
    ("goal: yes" + TOP, "1:7", ["found yes, which YAML reads as a boolean", 'write "yes" in quotes']),
    ("target: a b" + TOP, "1:9", ["target: found 'a b'", "local branch"]),
    ("target: refs/heads/main" + TOP, "1:9", ["without refs/heads/"]),
    ("base: -x" + TOP, "1:7", ["a commit"]),
    ("base: 1234567" + TOP, "1:7", ['write "1234567" in quotes']),
    ("slots: 0" + TOP, "1:8", ["the number 0", "auto, or a whole number from 1"]),
    ("slots: many" + TOP, "1:8", ["found 'many'", "auto, or"]),
    ("on_need: notify-send me" + TOP, "1:10", ["on_need: found 'notify-send me'", "a list of words"]),
    ("on_need: []" + TOP, "1:10", ["on_need: found an empty list", "the program first"]),
    ("on_end: ['', me]" + TOP, "1:9", ["on_end: found a command without a program"]),
    ("on_end: [say, 1]" + TOP, "1:15", ["on_end[1]: found the number 1", 'write "1" in quotes']),
    ("on_end: {run: say}" + TOP, "1:9", ["on_end: found a mapping", "a list of words"]),
    ("on_needs: [say]" + TOP, "1:1", ["unknown key 'on_needs'", "did you mean 'on_need'?"]),
    ("setup: ' '" + TOP, "1:8", ["setup: ", "empty text"]),
    ("setup: []" + TOP, "1:8", ["setup: found an empty list"]),
    ("setup: [[]]" + TOP, "1:9", ["setup[0]: found an empty list"]),
    ("validate: ['']" + TOP, "1:12", ["validate[0]: found empty text"]),
    ("validate: [[a, [b]]]" + TOP, "1:16", ["validate[0][1]: found a list; expected text"]),
    ("validate: {a: b}" + TOP, "1:11", ["found a mapping; expected a command"]),
    ("validate_timeout: 1:30" + TOP, "1:19", ["found '1:30'", "90s, 10m or 1h30m"]),
    ("validate_timeout: 0s" + TOP, "1:19", ["found '0s'", "above 0"]),
    (task("run: x, isolation: clones"), "2:26", ["tasks.a.isolation: found 'clones'", "worktree or clone"]),
    ("defaults: {isolation: 1}" + TOP, "1:23", ["defaults.isolation: found the number 1"]),
    ("budget: 5" + TOP, "1:9", ["budget: found the number 5", "{tokens: 2M, usd: 5, wall: 2h}"]),
    ("budget: {usd: 5}" + TOP, "1:9", ["cannot hold, as no task reports cost; expected 'wall'"]),
    (task("run: x, budget: {tokens: 5x}"), "2:32", ["a.budget.tokens: found '5x'", "such as 500k or 2M"]),
    (task("run: x, budget: {tokens: 200}"), "2:32", ["budget.tokens: found the number 200", "k or M"]),
    (task("run: x, budget: {wall: 30}"), "2:30", ["a.budget.wall: found the number 30", "with its unit"]),
    (task("run: x, budget: {usd: 5usd}"), "2:29", ["a.budget.usd: found '5usd'; expected dollars"]),
    (task("run: x, budget: {money: 5}"), "2:24", ["unknown key 'money'; expected one of tokens, usd, wall"]),
    (task("run: x, budget: {}"), "2:23", ["a.budget: found no amount in it"]),
    (
        task("agent: codex, prompt: x, budget: {usd: 5}"),
        "2:40",
        ["a.budget: this cannot hold, as 'codex' does not report cost; expected 'tokens' or 'wall'"],
    ),
    ("copy: [/etc/passwd]" + TOP, "1:8", ["copy[0]: found '/etc/passwd'", "relative to"]),
    ("copy: [a/../../b]" + TOP, "1:8", ["without '..'"]),
    ("copy: [.git/config]" + TOP, "1:8", [".git is git's own"]),
    ("copy: .env" + TOP, "1:7", ["expected a list: write [.env]"]),
    ("env: {PORCH_RUN: x}" + TOP, "1:7", ["env.PORCH_RUN: ", "porch sets itself"]),
    ("env: {GIT_DIR: x}" + TOP, "1:7", ["env.GIT_DIR: ", "git sets itself"]),
    ("env: {a-b: x}" + TOP, "1:7", ["env.a-b: found 'a-b'", "a variable's name"]),
    ("env: {A: true}" + TOP, "1:10", ["env.A: found true", 'write "true" in quotes']),
    ("env: {A: [x]}" + TOP, "1:10", ["found a list; expected text or a number"]),
    ("worktree: ../{repo}" + TOP, "1:11", ["leads into the repository"]),
    ("worktree: ../{repo}/../{repo}/{task}" + TOP, "1:11", ["leads into the repository"]),
    ("worktree: trees/{task}" + TOP, "1:11", ["leads into the repository"]),
    ("worktree: ~/{task}" + TOP, "1:11", ["leads into the repository"]),
    (
        "worktree: ../{tsk}" + TOP,
        "1:11",
        ["placeholder {tsk}", "{repo}, {task}, {run}", "did you mean 'task'?"],
    ),
    ("worktree: ../{task.id}" + TOP, "1:11", ["placeholder {task.id}"]),
    ("worktree: '../{task!r:>9}'" + TOP, "1:11", ["placeholder {task!r:>9}"]),
    ("worktree: ../{task" + TOP, "1:11", ["lone brace"]),
    ("worktree: ../same\n" + task("run: x"), "1:11", ["found no {task}", "folder of its own"]),
    ("branch: feature" + TOP, "1:9", ["found no {task}", "branch of its own"]),
    ("branch: '{repo}/{task}'" + TOP, "1:9", ["placeholder {repo}", "{task}, {run}"]),
    ("branch: 'a b/{task}'" + TOP, "1:9", ["a branch name that git accepts"]),
    ("branch: '{task}.lock'" + TOP, "1:9", ["a branch name that git accepts"]),
    ("branch: '{task}..'" + TOP, "1:9", ["a branch name that git accepts"]),
    ("target: main\nbranch: 'main/{task}'" + TOP, "2:9", ["'main/a'", "beside the target 'main'"]),
    ("target: a\nbranch: '{task}'" + TOP, "2:9", ["the target itself"]),
    ("agents: {c: claude}" + TOP, "1:13", ["agents.c: found 'claude'", "{preset: codex}", *OF_ITS_OWN]),
    (
        "agents: {c: {command: 'x'}}" + TOP,
        "1:13",
        ["agents.c: found no 'preset'", "{preset: codex}", *OF_ITS_OWN],
    ),
    ("agents: {c: [claude]}" + TOP, "1:13", ["agents.c: found no {prompt}"]),
    ("agents: {c: ['{prompt}']}" + TOP, "1:14", ["agents.c[0]: ", "the agent's program"]),
    ("agents: {c: []}" + TOP, "1:13", ["found an empty list"]),
    ("defaults: {run: []}\ntasks: {a: {run: x}}", "1:17", ["defaults.run: found an empty list"]),
    ("defaults: {after: [z]}\ntasks: {a: {run: x}}", "1:20", ["defaults.after[0]: found 'z'"]),
    ("tasks: {Up: {run: x}}", "1:9", ["tasks.Up: found 'Up'", "an id of at most 64"]),
    ("tasks: {on: {run: x}}", "1:9", ["the key 'on'", 'write "on" in quotes']),
    ("tasks: {1: {run: x}}", "1:9", ["the key '1'", "in quotes"]),
    ("tasks: {[a]: {run: x}, b: {run: x}}", "1:9", ["a list or mapping as a key"]),
    ("tasks:\n  a: {run: x}\n  a: {run: y}", "3:3", ["tasks.a: found the key 'a' twice", "first in line 2"]),
    ("goal: x\ngoal: y" + TOP, "2:1", ["the key 'goal' twice"]),
    ("tasks:\n  a:\n", "2:5", ["tasks.a: found nothing; expected a mapping"]),
    (task(""), "2:3", ["tasks.a: found neither 'run' nor 'agent'", "either 'run', or 'agent' with 'prompt'"]),
    (task("agent: c"), "2:3", ["found 'agent'; expected either"]),
    (task("prompt: c"), "2:3", ["found 'prompt'; expected either"]),
    (task("run: x, agent: c, prompt: p"), "2:3", ["found 'run' and 'agent' and 'prompt'"]),
    (
        task("agent: c, prompt: p"),
        "2:14",
        ["tasks.a.agent: found 'c'", "or a preset: one of"],
    ),
    (
        "agents: {claude: [c, '{prompt}']}\n" + task("agent: cluade, prompt: p"),
        "3:14",
        ["did you mean 'claude'?"],
    ),
    (task("run: true"), "2:12", ["tasks.a.run: found true", 'write "true" in quotes']),
    (task("run: [sleep, 5]"), "2:20", ["tasks.a.run[1]: found the number 5", 'write "5" in quotes']),
    (task("run: [[x]]"), "2:13", ["tasks.a.run[0]: found a list; expected text"]),
    (task("run: ['', y]"), "2:12", ["tasks.a.run: ", "without a program"]),
    ("validate: [test -f f1]" + TOP, "1:11", ["write [test, -f, f1], or test -f f1 without brackets"]),
    ("validate: [[make], [make test]]" + TOP, "1:20", ["validate[1]: found 'make test' as the name of one"]),
    ("setup: [ruff check ., pytest -q]" + TOP, "1:8", ["commands write [[ruff, check, .], [pytest, -q]]"]),
    (task("run: [./go.sh --fast, '1']"), "2:12", ['write [./go.sh, --fast, "1"]']),
    (task("run: x, checks: [make lint, x]"), "2:23", ["tasks.a.checks: ", "write [make, lint, x]"]),
    (theory("q: {judge: [time x], question: y}"), "2:14", ["write [time, x]"]),
    ("resolver: {run: [fix it]}" + TOP, "1:17", ["resolver.run: ", "write [fix, it], or fix it without"]),
    (
        task("run: x, wrap: [nice -n 5]"),
        "2:22",
        ["tasks.a.wrap[0]: found 'nice -n 5'", 'write [nice, -n, "5"]'],
    ),
    ("wraps: {w: {run: [nice -n 5]}}" + TOP, "1:19", ["wraps.w.run[0]: "]),
    ("agents: {c: ['pi -p', '{prompt}']}" + TOP, "1:14", ['write [pi, -p, "{prompt}"]']),
    (task("run: x, after: [b, bb]"), "2:26", ["tasks.a.after[1]: found 'bb'", "did you mean 'b'?"]),
    (task("run: x, after: [a]"), "2:23", ["tasks.a.after[0]: found 'a' itself"]),
    (task("run: x, after: b"), "2:22", ["expected a list: write [b]"]),
    (task("run: x, locks: [1]"), "2:23", ["tasks.a.locks[0]: found the number 1"]),
    (task("run: x, paths: [/src]"), "2:23", ["tasks.a.paths[0]: found '/src'"]),
    (task("run: x, paths: [../src]"), "2:23", ["without '..'"]),
    (task("run: x, paths: [.]"), "2:23", ["'**' is all of it"]),
    (task("run: x, checks: []"), "2:23", ["tasks.a.checks: found an empty list"]),
    (task("run: x, timeout: none"), "2:24", ["tasks.a.timeout: found 'none'"]),
    (task("run: x, timeout: 0"), "2:24", ["the number 0", "above 0"]),
    (task("run: x, timeout: -5"), "2:24", ["the number -5"]),
    (task("run: x, timeout: 1h30"), "2:24", ["found '1h30'"]),
    (task("run: x, retries: -1"), "2:24", ["a whole number from 0"]),
    (task("run: x, retries: 1.5"), "2:24", ["found the number 1.5"]),
    (task("run: x, may_change_nothing: sure"), "2:35", ["expected true or false"]),
    (task("run: x, review: yes"), "2:23", ["expected required or none"]),
    (task("run: x, priority: '1'"), "2:25", ["a whole number (without quotes)"]),
    (task("run: x, priority: 99999999999999999999"), "2:25", ["expected a whole number"]),
    (task("run: x, cpus: 0"), "2:21", ["a number above 0"]),
    (task("run: x, memory: 12"), "2:23", ["a size above 0 such as 512M or 2G"]),
    (task("run: x, memory: 2GB"), "2:23", ["found '2GB'"]),
    (
        task("run: x, kind: chekc"),
        "2:21",
        ["found 'chekc'", "change, check or hypothesis", "did you mean 'check'?"],
    ),
    (task('run: x, title: "\\0"'), "2:22", ["the character '\\x00'"]),
    (task("run: x, expected_failure: true"), "2:33", ["expected text"]),
    (
        theory("q: {judge: x, question: y}", own="expected_failure: why, "),
        "4:7",
        ["found 'expected_failure' of a hypothesis; expected none: any of its theories may fail"],
    ),
    (task("run: x, kind: hypothesis"), "2:21", ["tasks.a.kind: found kind: hypothesis without 'of'"]),
    (task("run: x, of: y"), "2:19", ["tasks.a.of: found 'of' in a task whose kind is change"]),
    (
        task("run: x, kind: hypothesis, of: y"),
        "2:37",
        ["tasks.a.of: found 'y'; expected the name of an entry of 'hypotheses'"],
    ),
    ("hypotheses: {q: {judge: x, question: y}}" + TOP, "1:14", ["hypotheses.q: no task is a theory of it"]),
    ("hypotheses: {q: {question: y}}" + TOP, "1:17", ["hypotheses.q: found no 'judge' here"]),
    ("hypotheses: {q: {judge: x}}" + TOP, "1:17", ["hypotheses.q: found no 'question' here"]),
    (
        "hypotheses: {a: {judge: x, question: y}}" + TOP,
        "1:14",
        ["hypotheses.a: found 'a', which is the id of a task"],
    ),
    (theory("q: {want: less, judge: x, question: y}"), "2:13", ["found 'less'; expected min, max or pass"]),
    (theory("q: {repeat: 0, judge: x, question: y}"), "2:15", ["expected a whole number from 1 to 1000"]),
    (theory("q: {margin: 5 %, judge: x, question: y}"), "2:15", ["a number from 0, or a share such as 5%"]),
    (theory("q: {margin: -1, judge: x, question: y}"), "2:15", ["a number from 0, or a share such as 5%"]),
    (theory("q: {judge: ' ', question: y}"), "2:14", ["found a command without a program"]),
    (task("run: x, tries: 2"), "2:15", ["tasks.a.tries: found 'tries' in a task that is no theory"]),
    (theory(ASKED, own="tries: 0, "), "4:14", ["tasks.t.tries", "a whole number from 1 to 100"]),
    (
        theory(ASKED, own="agents: [], ").replace("run: x, kind", "prompt: x, kind"),
        "4:15",
        ["found an empty list"],
    ),
    (theory(ASKED, own="agents: [x], agent: y, "), "4:3", ["found 'agent' and 'agents'; expected one"]),
    (theory(ASKED, own="tries: 2, ", after="[t]"), "5:22", ["found 't-1', a theory", "hypothesis, 'q'"]),
    (
        theory(ASKED, own="tries: 2, ") + "  t-2: {run: x}\n",
        "4:3",
        ["makes 't-2', which is the id of a task"],
    ),
    (theory(ASKED, after="[t]"), "5:23", ["found 't', a theory", "hypothesis, 'q'"]),
    (theory(ASKED, own="after: [q], "), "4:15", ["'q', which waits for this theory"]),
    (theory(ASKED, own="after: [u], ", after="[q]"), "5:22", ["a cycle: t -> u -> t"]),
    (theory(ASKED, after="[p]"), "5:23", ["expected the id of a task of this plan"]),
    ("each: [1]" + TOP, "1:8", ["each[0]: found the number 1; expected a mapping"]),
    ("resolver: {run: x, auto: true}" + TOP, "1:26", ["resolver.auto: found auto: true without 'validate'"]),
    (
        "resolver: {agent: c}" + TOP,
        "1:19",
        ["resolver.agent: found 'c'", "or a preset: one of"],
    ),
    ("resolver: {timeout: 1m}" + TOP, "1:1", ["resolver: found neither 'run' nor 'agent'"]),
    ("resolver: {run: x, auto: perhaps}" + TOP, "1:26", ["expected true or false"]),
    ("predict_ignore: [../x]" + TOP, "1:18", ["predict_ignore[0]: found '../x'"]),
    ("integrity: all" + TOP, "1:12", ["integrity: ", "tip or every"]),
    ("order: lifo" + TOP, "1:8", ["found 'lifo'", "expected one of fewest-conflicts, fifo"]),
    ("goal: !!python/name:os.system x" + TOP, "1:7", ["goal: found the tag", "without tags"]),
    ("goal: *x" + TOP, "1:7", ["alias *x"]),
    ("a: &a [*a]", "1:8", ["alias *a"]),
    ("<<: 1" + TOP, "1:5", ["an alias of a mapping"]),
    ("goal: a: b" + TOP, "1:8", ["not YAML", "needs quotes"]),
    ("tasks:\n\ta: {run: x}", "2:1", ["found a tab; expected spaces"]),
    ("goal: é\x07" + TOP, "1:8", ["the control character '\\x07'"]),
    ("goal: é\0" + TOP, "1:8", ["the control character '\\x00'"]),
    (ONE_TASK + "---\n" + ONE_TASK, "2:1", ["a second document"]),
]


@pytest.mark.parametrize(
    ("text", "place", "parts"), MISTAKES, ids=[repr(text)[:50] for text, _, _ in MISTAKES]
)
def test_a_mistake_is_reported_with_its_place_and_what_was_expected(text: str, place: str, parts: list[str]):
    message = refusal(text)

    assert [f"porch.yaml:{place}: "] == [message[: len(f"porch.yaml:{place}: ")]], message
    assert [] == [part for part in parts if part not in message.splitlines()[0]], message


@pytest.mark.parametrize(
    ("text", "place", "parts"), MISTAKES, ids=[repr(text)[:50] for text, _, _ in MISTAKES]
)
def test_without_the_c_parser_the_same_mistakes_are_found(
    text: str, place: str, parts: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(composer, "LOADER", yaml.SafeLoader)

    test_a_mistake_is_reported_with_its_place_and_what_was_expected(text, place, parts)


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file():
    text = FULL.replace("slots: auto", "slots: none").replace("retries: 1", "retries: one")
    text = text.replace("after: [schema]", "after: [shcema]").replace("kind: check", "knid: check")

    lines = refusal(text).splitlines()

    keys = [line.split(": ")[1] for line in lines]
    assert ["slots", "tasks.auth.after[0]", "tasks.auth.retries", "tasks.review.knid"] == keys
    assert sorted(int(line.split(":")[1]) for line in lines) == [int(line.split(":")[1]) for line in lines]


def test_a_cycle_is_reported_as_a_path_once():
    links = "  a: {run: x, after: [b]}\n  b: {run: x, after: [c]}\n  c: {run: x, after: [d, a]}\n"
    text = f"tasks:\n{links}  d: {{run: x}}\n"

    assert ["porch.yaml:4:26: tasks.c.after[1]: found a cycle: a -> b -> c -> a, each after the next;"
            " expected an order: take one of them out"] == refusal(text).splitlines()  # fmt: skip


def test_two_cycles_are_both_reported():
    after = {"a": "b", "b": "a", "c": "d", "d": "c"}

    message = refusal(
        "tasks:\n" + "".join(f"  {id}: {{run: x, after: [{name}]}}\n" for id, name in after.items())
    )

    assert "a -> b -> a" in message
    assert "c -> d -> c" in message


def test_a_faulty_task_is_still_known_to_the_others():
    message = refusal("tasks:\n  a: {run: x, retries: no}\n  b: {run: x, after: [a, c]}\n  c: 1\n")

    assert ["tasks.a.retries", "tasks.c"] == [line.split(": ")[1] for line in message.splitlines()]


def test_a_mistake_in_defaults_is_reported_once_not_for_every_task():
    message = refusal("defaults: {paths: [/a], after: [zz]}\ntasks: {a: {run: x}, b: {run: x}}")

    assert ["defaults.paths[0]", "defaults.after[0]"] == [
        line.split(": ")[1] for line in message.splitlines()
    ]


def test_bytes_that_are_not_utf8_are_reported_with_their_place():
    assert refusal("goal: é\n".encode() + b"tasks: \xff").startswith("porch.yaml:2:8: found the byte 0xff")
    assert "expected UTF-8" in refusal("goal: x".encode("utf-16"))


def test_columns_count_characters_not_bytes():
    assert refusal("{goal: ééé, nope: 1, tasks: {a: {run: x}}}").startswith("porch.yaml:1:13: nope")
