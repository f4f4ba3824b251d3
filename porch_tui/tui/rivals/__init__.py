"""The theories of hypotheses side by side."""
