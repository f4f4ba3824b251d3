"""The repository of `porch demo`."""
