"""The worktrees of tasks: made, filled, collected from, removed."""
