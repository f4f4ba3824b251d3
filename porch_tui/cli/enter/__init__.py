"""A task's terminal drawn into a person's own, and their keys passed on to it, without a screen of porch."""
