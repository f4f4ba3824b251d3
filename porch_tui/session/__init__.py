"""What a front end may see and say: reads a run directory, writes into its inbox. Never the engine."""
