"""One file per command, by its name: its options, and what it does."""
