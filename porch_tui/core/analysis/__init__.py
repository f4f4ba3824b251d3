"""What can be said of a plan before it runs: relations of tasks, forecasts, shared state."""
