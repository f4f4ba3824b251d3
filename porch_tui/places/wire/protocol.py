"""Which protocol engines and hosts speak. For those that load nothing else."""

PROTOCOL = 1
