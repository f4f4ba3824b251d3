"""Moving the target branch, and its checkout with it, or not at all."""
