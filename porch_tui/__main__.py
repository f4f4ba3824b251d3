"""The console script: makes the state of this process known, and hands over to `cli`."""

import gc

from porch_tui import cli
from porch_tui.process.beginning import begin


def main() -> int:
    """Run the command that the command line asks for, and return its exit code."""
    begin()
    code = cli.main()
    gc.freeze()  # what is left is not worth looking through for what may go: that takes 25 ms after a run
    return code


if __name__ == "__main__":
    raise SystemExit(main())
