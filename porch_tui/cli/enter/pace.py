"""When to look for what is new, and when to draw: soon after a key, seldom at rest, as a line allows."""

from __future__ import annotations

KEY_S, KEY_LOOK_S = 0.03, 0.001
"""For so long after a key its echo is looked for, so often."""
LOOK_S, RESTING_LOOK_S = 1 / 30, 0.1
"""Between looks while something happens, and at rest."""
REST_S = 5.0
"""Without anything new: at rest."""
FRAME_S = 1 / 30
"""Between two drawings of a program that never pauses."""
SLOW_BYTES = 8 * 1024
"""A second, over a slow line. Local ones take all."""


class Pace:
    """The clock of one visit; times are those of `time.monotonic`."""

    def __init__(self, now: float, bytes_per_second: int | None) -> None:
        """`bytes_per_second` is what the line takes; None if it takes all."""
        self._key_at = self._drawn_at = float("-inf")
        self._new_at = self._paid_at = now
        self._rate = bytes_per_second
        self._balance = float(bytes_per_second or 0)

    def key(self, now: float) -> None:
        """Something was typed: its echo is awaited."""
        self._key_at = now

    def found(self, now: float) -> None:
        """There was something new."""
        self._new_at = now

    def drew(self, now: float, count: int) -> None:
        """So many bytes were written."""
        self._drawn_at = now
        self._balance = self._paid(now) - count
        self._paid_at = now

    def may_draw(self, now: float) -> bool:
        """Say whether it is time to draw, if there is something to be drawn."""
        if self._rate is not None and self._paid(now) < 0:
            return False
        return now - self._drawn_at >= FRAME_S or self._is_awaited(now)

    def wait_s(self, now: float, *, has_more: bool) -> float:
        """Return how long to wait until the next look; `has_more`: something is known and not drawn yet."""
        if self._is_awaited(now):
            return KEY_LOOK_S
        if has_more:
            due = self._drawn_at + FRAME_S - now
            if self._rate is not None:
                due = max(due, -self._paid(now) / self._rate)
            return max(due, 0.0)
        return LOOK_S if now - max(self._new_at, self._key_at) < REST_S else RESTING_LOOK_S

    def _is_awaited(self, now: float) -> bool:
        """The first drawing after a key is not put off, nor looked for seldom."""
        return now - self._key_at < KEY_S and self._drawn_at <= self._key_at

    def _paid(self, now: float) -> float:
        """Return how many bytes may be written now: at most what the line takes in a second."""
        if self._rate is None:
            return 0.0
        return min(self._balance + (now - self._paid_at) * self._rate, float(self._rate))
