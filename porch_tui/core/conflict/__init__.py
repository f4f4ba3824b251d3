"""Conflicts as values: hunks, choices, and what has been decided so far."""
