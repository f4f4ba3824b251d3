"""Several logs side by side."""
