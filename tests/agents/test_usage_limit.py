"""That an account must wait, and until when, is recognized in the words of real services."""

from __future__ import annotations

from datetime import datetime

import pytest

from porch_tui.agents.usage_limit import is_usage_limit, waits_until

NOON = datetime(2026, 11, 29, 12, 0).astimezone().timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "You’ve hit your usage limit. Try again later.",
        "429 Too Many Requests",
        "Claude AI usage limit reached|1795950000",
        "Rate limit exceeded, retry after 20 s",
        "RESOURCE_EXHAUSTED: quota exceeded",
    ],
)
def test_a_usage_limit_is_recognized(text):
    assert is_usage_limit(text)


@pytest.mark.parametrize(
    "text",
    [
        "401 Unauthorized",
        "Incorrect API key",
        "the test failed",
        "line 4290",
        "EDQUOT: disk quota exceeded",
        "You exceeded your current quota, check your plan and billing",
    ],
)
def test_another_error_is_none(text):
    assert not is_usage_limit(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("You have hit your usage limit. Try again in 20 seconds.", 20),
        ("Try again in 2 hours 5 minutes", 7500),
        ("try again in 1h 30m.", 5400),
        ("Please retry after 45s", 45),
        ('{"resets_in_seconds": 90}', 90),
        ("Your limit resets at 3:45 PM", 3 * 3600 + 45 * 60),
        ("5-hour limit reached, resets 3pm", 3 * 3600),
        ("resets at 11:00", 23 * 3600),
    ],
)
def test_the_moment_it_names_is_found(text, seconds):
    assert waits_until(text, NOON) == pytest.approx(NOON + seconds)


def test_a_moment_in_seconds_since_the_epoch_is_found():
    assert waits_until("Claude AI usage limit reached|1795950000", NOON) == 1795950000


@pytest.mark.parametrize("text", ["Try again later.", "resets at 25:00", "at 3", "", "in a moment"])
def test_where_none_is_named_none_is_found(text):
    assert waits_until(text, NOON) is None
