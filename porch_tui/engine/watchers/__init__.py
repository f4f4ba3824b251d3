"""Threads that watch machine load, disks, tasks, worktrees and conflicts while the engine works."""
