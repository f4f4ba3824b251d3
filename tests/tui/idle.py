"""When an app has nothing left to do: Textual guesses it by the CPU time of the process, here it is known.

Textual's own wait sleeps 20 ms at least, twice for each key, and takes a process that is not
given the CPU for one that is done. And without a terminal, a frame is drawn for no one: here one is drawn
when the app has come to rest, of all that has changed until then, as on a machine that is slow.
"""

from __future__ import annotations

import asyncio
from typing import Any

import textual.app
import textual.pilot
from textual._compositor import Compositor
from textual._context import active_app
from textual.screen import Screen
from textual.worker import WorkerState

SOON_S = 0.02
"""A timer that is due within this time is waited for."""
THREADS_S = 1.0
"""So long at most is waited for threads and timers: a test may hold a thread, or have something tick."""
POLL_S = 0.002

_draw = Compositor.render_update


def install() -> None:
    """Have every pilot of this process wait so, and every app without a terminal draw then."""
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = until_idle  # type: ignore[attr-defined]
    Compositor.render_update = _draw_later  # type: ignore[method-assign]


async def until_idle(_min_s: float = 0.0, _max_s: float = 0.0) -> None:
    """Wait until nothing is ready to run or to be drawn or due soon, and no thread is at work for the app."""
    loop: Any = asyncio.get_running_loop()
    app = active_app.get()
    give_up = loop.time() + THREADS_S
    calm = 0
    while calm < 2:  # what comes from outside is seen only once the loop has asked for it
        await asyncio.sleep(0)
        calm += 1
        if loop._ready:
            calm = 0
        elif not app._running:
            return  # what an app leaves behind when it ends may tick for ever
        elif app.screen._update_timer._active.is_set():
            app.screen._on_timer_update()  # the next frame, which a timer would draw
            calm = 0
        elif calm == 2 and (_is_due_soon(loop) or _is_thread_at_work(app)) and loop.time() < give_up:
            await asyncio.sleep(POLL_S)
            calm = 0
    _frame(app.screen)


def _draw_later(compositor: Compositor, full: bool = False, **how: Any) -> Any:
    """Leave changed regions as they are where they would not be visible."""
    return None if active_app.get().is_headless and not full else _draw(compositor, full, **how)


def _frame(screen: Screen) -> None:
    """Draw what has changed."""
    if screen._compositor._dirty_regions:
        _draw(screen._compositor, screen_stack=screen.app._background_screens)


def _is_due_soon(loop: Any) -> bool:
    soon = loop.time() + SOON_S
    return any(handle._when < soon and not handle._cancelled for handle in loop._scheduled)


def _is_thread_at_work(app: Any) -> bool:
    return any(worker._thread_worker and worker.state is WorkerState.RUNNING for worker in app.workers)
