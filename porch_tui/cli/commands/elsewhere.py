"""`porch elsewhere`: gives up attempts on places that are out of reach, and runs their tasks elsewhere."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import RunElsewhere

add_arguments, run = of_each_task(RunElsewhere)
