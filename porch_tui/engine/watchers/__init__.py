"""Threads that look at machine, disk, worktrees and conflicts while the engine works."""
