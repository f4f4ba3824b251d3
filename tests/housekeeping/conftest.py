"""Projects with runs to clean up after."""

from tests.cli.conftest import ended, engine, project  # noqa: F401
