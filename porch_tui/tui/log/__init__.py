"""The pane that shows a log: reading, drawing, searching, following."""
