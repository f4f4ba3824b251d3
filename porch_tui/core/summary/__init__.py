"""What people are told of a run: outcomes, explanations, the timeline."""
