"""Everything porch asks of git. Knows nothing about the state of tasks."""
