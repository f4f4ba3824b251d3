"""`porch withdraw`: takes entries out of the merge queue."""

from porch_tui.cli.steering import of_each_task
from porch_tui.core.model.commands import WithdrawEntry

add_arguments, run = of_each_task(WithdrawEntry)
