"""A shell's text taken apart: words, quotes, redirections, here documents, subshells."""

from __future__ import annotations

import random

import pytest

from porch_tui.core.uses.shell import Simple, literal, parse


def words(text: str) -> list[list[str | None]]:
    return [[literal(word) for word in one.words] for one in parse(text).commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo a; echo 'b c' && echo \"d e\"", [["echo", "a"], ["echo", "b c"], ["echo", "d e"]]),
        ("if test -f x; then make; else exit 1; fi", [["test", "-f", "x"], ["make"], ["exit", "1"]]),
        ("case $1 in a|b) one ;; *) two;; esac; three", [["one"], ["two"], ["three"]]),
        ("make  # not: rm -rf /", [["make"]]),
        ("echo a#b \\\n  c", [["echo", "a#b", "c"]]),
        ("[[ -f x && -d y ]] && run", [["run"]]),
        ("! grep -q x y | wc -l", [["grep", "-q", "x", "y"], ["wc", "-l"]]),
    ],
)
def test_text_is_taken_apart_as_a_shell_does_it(text: str, expected: list[list[str]]):
    assert words(text) == expected


def test_redirections_and_here_documents_belong_to_their_command():
    first, second = parse("cat <<EOF > out.txt\none > two\nEOF\nsort < in.txt 2>/dev/null").commands

    assert [(one.sign, literal(one.target), one.body) for one in first.redirects] == [
        ("<<", "EOF", "one > two"),
        (">", "out.txt", ""),
    ]
    assert [literal(one.target) for one in second.redirects] == ["in.txt", "/dev/null"]
    assert second.line == 4


def test_a_function_is_no_program_and_its_commands_are_read():
    script = parse("build() {\n  make all\n}\nfunction clean { rm -r out; }\nbuild")

    assert script.functions == {"build", "clean"}
    assert [one.text for one in script.commands] == ["make all", "rm -r out", "build"]


def test_commands_know_their_subshells_and_what_is_piped_into_them():
    inside, outside, piped = parse("(cd web; true) && ls | wc").commands[1:]

    assert len(inside.shells) == 1
    assert outside.shells == piped.shells == ()
    assert piped.source == 2


def test_assignments_and_expansions_are_kept_apart_from_words():
    (one,) = parse('PORT=80 serve "$HOME/x" ${A:-b} $(date) $((1 + 2))').commands

    assert [name for name, _ in one.assignments] == ["PORT"]
    kinds = [[part[0] for part in word if part[1]] for word in one.words]
    assert kinds == [["lit"], ["var", "lit"], ["var"], ["cmd"], ["arith"]]


def test_no_text_whatever_makes_it_fail_or_stop():
    chance = random.Random(11)
    pieces = [
        "'",
        '"',
        "`",
        "$(",
        ")",
        "${",
        "}",
        "<<E",
        "\n",
        "E",
        "\\",
        "case x in",
        ";;",
        "((",
        " a ",
        "|",
    ]

    for _ in range(3000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 12)))
        assert all(isinstance(one, Simple) for one in parse(text).commands), repr(text)
