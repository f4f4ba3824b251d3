"""What a plan says of its tasks alone: their order, work that is done elsewhere, what a setup reads."""
