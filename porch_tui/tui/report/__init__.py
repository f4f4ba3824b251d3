"""The report, to read on the screen."""
