"""Starts the host's side on a machine that was sent it: `python3 -I start.py MODULE WORDS…`.

Puts the program's own folder before all others, and a stand-in where there is no fit `msgspec`.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import sys
from contextlib import suppress

STAND_IN = "stand_in"
OLDEST = (0, 18)
"""Of msgspec, which pyproject.toml names too."""


def find_msgspec(folder: str) -> None:
    """Make `import msgspec` work: the one that is installed, or else the stand-in."""
    try:
        import msgspec

        if tuple(map(int, msgspec.__version__.split(".")[:2])) >= OLDEST:
            return
    except Exception:  # none, or one that was made for another Python
        pass
    for name in [name for name in sys.modules if name.partition(".")[0] == "msgspec"]:
        del sys.modules[name]
    sys.path.insert(0, f"{folder}/{STAND_IN}")
    import msgspec


def main() -> None:
    """Call `main` of the module that is named, with the other words."""
    folder = __file__.rpartition("/")[0]
    with suppress(OSError):  # a home that knows no locks
        fcntl.flock(os.open(__file__, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)  # loader.py asks for it
    sys.path.insert(0, folder)
    find_msgspec(folder)
    sys.exit(importlib.import_module(sys.argv[1]).main(sys.argv[2:]))


if __name__ == "__main__":
    main()
