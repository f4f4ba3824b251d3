"""The terminal of a task on the screen: drawn while it lives, and stepped into."""
