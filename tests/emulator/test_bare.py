"""The emulator runs where porch is not installed, and costs little to load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_bare_interpreter_can_use_it_and_loads_nothing_but_the_standard_library():
    script = (
        f"import sys; sys.path.append({str(ROOT)!r})\n"
        "from porch_tui.emulator.screen import Screen\n"
        "screen = Screen(10, 2); screen.feed(b'hello')\n"
        "print(screen.lines[0].text)\n"
        "print(sorted({'typing', 'inspect', 'dataclasses', 'msgspec', 'enum'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[0] == "hello"
    assert "typing" not in done.stdout
    assert "msgspec" not in done.stdout
