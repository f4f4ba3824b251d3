"""The console script: hands over to `cli` and nothing else."""

from porch_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
