"""The console script: makes the state of this process known, and hands over to `cli`."""

import gc
import sys

from porch_tui import cli
from porch_tui.process.inherited_state import normalize


def main() -> int:
    """Run the command that the command line asks for, and return its exit code."""
    normalize()
    # The interpreter looks through everything again and again while modules are imported and a journal is
    # read: 700 new objects are few for it. What goes in circles is little here, and may wait. To start an
    # engine takes 50,000, and a tenth of the time if all of them are looked through.
    gc.set_threshold(100_000, 10, 20)
    # one thread starts the next git while another one imports: it gets the interpreter within 1 ms, not 5
    sys.setswitchinterval(0.001)
    code = cli.main()
    gc.freeze()  # what is left is not worth looking through for what may go: that takes 25 ms after a run
    return code


if __name__ == "__main__":
    raise SystemExit(main())
