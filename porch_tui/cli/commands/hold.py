"""`porch hold`: keeps entries of the merge queue from being merged."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import HoldEntry

add_arguments, run = of_each_task(HoldEntry)
