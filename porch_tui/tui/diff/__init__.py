"""What a task changes: files and lines, comments on them, and the decision of a review."""
