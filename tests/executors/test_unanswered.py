"""A question that got no answer is one, and a line that has not ended is none for that alone."""

from __future__ import annotations

import pytest

from porch_tui.executors.unanswered import question


@pytest.mark.parametrize(
    "line",
    [
        "rm: remove regular file 'x'? ",
        "rm: remove write-protected regular empty file 'a b'? ",
        "cp: overwrite 'x'? ",
        "Overwrite /home/me/.ssh/id_ed25519 (y/n)? ",
        "Do you want to continue? [Y/n] ",
        "Proceed [y/N] ",
        "Proceed with the upgrade (yes/no): ",
        "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
        "Continue? (y/n/a) ",
        "replace x.txt? [y]es, [n]o, [A]ll, [N]one, [r]ename: ",
        "Password for 'https://me@example.org': ",
        "Enter passphrase for key '/home/me/.ssh/id': ",
        "Enter a name: ",
        "Press enter to continue...",
        "Weiter? ",
        "続けますか？",
    ],
)
def test_an_unfinished_line_that_asks_is_a_question(line):
    assert question(line) == line.strip()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "count: 5",
        "passed: 12, failed: 0",
        "[#####     ] 50%",
        "Downloading 12.3/45.6 MB",
        "100% [====================>]",
        "done",
        "OK.",
        "GET https://example.org/?",
        "https://example.org/search?q=x",
        "result: ",
        "...",
        "???",
        "{}",
        "tokens: 512",
        "[y]",
        "a[n]",
        "login: ok",
        "3.14",
        "$ ",
        "> ",
    ],
)
def test_another_unfinished_line_is_none(line):
    assert not question(line)
