"""What a task changes, shown and approved: for `porch diff`, `porch approve` and the screen."""
