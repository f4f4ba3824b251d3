"""Plan files with edits in them, every other character as it was."""
