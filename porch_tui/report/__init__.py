"""What happened, in words and figures: the check, the status, a line per change, the full report.

Everything comes in as arguments: nothing in this room reads a file or a clock,
or knows how a run is kept or done. JSON documents carry text as it came; text
and Markdown are cleaned of whatever a terminal or a reader would obey.
"""
