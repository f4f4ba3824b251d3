"""The first screen: tasks, the details of one, and its log."""
