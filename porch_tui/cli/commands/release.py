"""`porch release`: lets held entries of the merge queue be merged."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import ReleaseEntry

add_arguments, run = of_each_task(ReleaseEntry)
