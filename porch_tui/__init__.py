"""porch: run many pieces of work on one git repository side by side, and land them losing nothing."""

__version__ = "0.2.0"
