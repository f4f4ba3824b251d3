"""The worktrees of tasks: created, filled, collected from, restored and removed."""
