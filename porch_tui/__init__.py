"""porch: run many pieces of work on one git repository side by side, and land them without losing anything."""

__version__ = "0.1.0"
