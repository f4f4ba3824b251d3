"""The console script: makes the state of this process known, and hands over to `cli`."""

from porch_tui import cli
from porch_tui.process.beginning import begin


def main() -> int:
    """Run the command that the command line asks for, and return its exit code."""
    begin()
    return cli.main()


if __name__ == "__main__":
    raise SystemExit(main())
