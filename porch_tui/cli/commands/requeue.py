"""`porch requeue`: puts entries that need attention back into the merge queue."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import RequeueEntry

add_arguments, run = of_each_task(RequeueEntry)
