"""The interface of what runs validations on other machines."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from porch_tui.executors.executor import End, Job
from porch_tui.executors.orders import Orders


@runtime_checkable
class ValidatesElsewhere(Protocol):
    """An executor that gives validations to places as well."""

    def validate(self, job: Job, orders: Orders) -> End | None:
        """Run a validation at its place, or find it there; return its end, None if it is stopped."""
