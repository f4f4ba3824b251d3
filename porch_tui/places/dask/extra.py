"""Whether what the extra `dask` installs is there. Imports nothing of it."""

from __future__ import annotations

from importlib.util import find_spec

from porch_tui.errors import RepositoryError

EXTRA = ("dask", "distributed", "cryptography")
INSTALL = "pip install 'porch-tui[dask]'"
HPC = ("dask_jobqueue",)
INSTALL_HPC = "pip install 'porch-tui[dask,hpc]'"


def require(purpose: str, packages: tuple[str, ...] = EXTRA, install: str = INSTALL) -> None:
    """Refuse what needs packages that are not installed; `purpose` begins the sentence.

    Raises RepositoryError with the command that installs them.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise RepositoryError(
            f"{purpose} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not "
            f"installed beside porch; install with: {install}"
        )
