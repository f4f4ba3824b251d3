"""A run described for people: outcomes, explanations, the timeline."""
