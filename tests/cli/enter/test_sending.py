"""A program types into a task's terminal: a text as a paste, then keys, and no other text in between."""

from __future__ import annotations

import json
import random
import subprocess

import pytest

from project import PORCH


@pytest.mark.slow
def test_a_text_is_sent_as_a_paste_where_that_is_asked_for_and_then_enter(listener):
    listener.project.porch("send", "listener", "two\nlines")
    assert listener.typed(10) == b"two\rlines\r"

    listener.says(b"\x1b[?2004h")
    text = "one\ntwo\x1b[20\x1b[201~1~ \x1d 漢"
    sent = json.loads(listener.project.porch("send", "listener", text, "--json").stdout)
    expected = b"\x1b[200~one\rtwo \x1d \xe6\xbc\xa2\x1b[201~\r"
    assert listener.typed(len(expected)) == expected
    assert sent["paste"] is True
    assert sent["keys"] == ["enter"]
    assert (sent["task"], sent["attempt"], sent["not_taken_bytes"]) == ("listener", 1, 0)


@pytest.mark.slow
def test_keys_are_sent_by_their_names_as_the_program_has_asked_for_them(listener):
    words = [word for name in ("esc", "up", "C-c", "shift+tab", "f5") for word in ("--key", name)]
    said = listener.project.porch("send", "listener", *words).stdout
    assert listener.typed(13) == b"\x1b\x1b[A\x03\x1b[Z\x1b[15~"
    assert said == "listener: typed esc, up, C-c, shift+tab, f5\n"

    listener.says(b"\x1b[?1h\x1b[>1u")
    listener.project.porch("send", "listener", "--key", "up", "--key", "esc", "--key", "shift+enter")
    assert listener.typed(15) == b"\x1bOA\x1b[27u\x1b[13;2u"


@pytest.mark.slow
def test_of_two_texts_that_are_sent_at_once_each_is_submitted_by_its_own_enter(listener):
    texts = [letter * 50_000 for letter in (b"a", b"b")]
    at_once = [
        subprocess.Popen(
            [*PORCH, "send", "listener", "-"],
            cwd=listener.project.root, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        )
        for _ in texts
    ]  # fmt: skip
    for process, text in zip(at_once, texts, strict=True):
        assert process.stdin is not None
        process.stdin.write(text)
    for process in at_once:
        assert process.stdin is not None
        process.stdin.close()
    assert [0, 0] == [process.wait(60) for process in at_once]

    assert listener.typed(100_002) in (b"%b\r%b\r" % (texts[0], texts[1]), b"%b\r%b\r" % (texts[1], texts[0]))


def test_a_text_of_300_kb_is_sent_whole_from_standard_input(listener):
    text = (
        random.Random(5).randbytes(300_000).replace(b"\n", b"x").replace(b"\r", b"x").replace(b"\x1b", b"x")
    )
    listener.says(b"\x1b[?2004h")
    done = subprocess.run(
        [*PORCH, "send", "listener", "-", "--no-enter"],
        cwd=listener.project.root, input=text + b"\n", capture_output=True, check=True,
    )  # fmt: skip

    assert listener.typed(len(text) + 12) == b"\x1b[200~" + text + b"\x1b[201~"
    assert done.stdout == b"listener: typed 300,000 bytes as a paste\n"
