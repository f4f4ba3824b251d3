"""The merge queue."""
