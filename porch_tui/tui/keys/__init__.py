"""Which key does what, where, and how that is shown."""
