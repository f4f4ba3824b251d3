"""A cluster for tests, once per session; they skip where the extra `dask` is not installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from porch_tui.places.dask.extra import EXTRA, INSTALL

for name in EXTRA:
    pytest.importorskip(name, reason=f"needs the extra: {INSTALL}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A scheduler and the workers w1 and w2, with TLS, that are there when a test begins."""
    from lab import Lab

    with Lab.started(tmp_path_factory.mktemp("lab"), "w1", "w2") as cluster:
        yield cluster
