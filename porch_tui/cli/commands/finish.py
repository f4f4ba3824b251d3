"""`porch finish`: ends the programs in the terminals of tasks, or their input, and has the work judged."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import FinishTask

add_arguments, run = of_each_task(FinishTask)
