"""A task's conflict on the command line and on the screen: loading, choosing, the person's editor."""
