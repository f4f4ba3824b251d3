"""What the screen knows of the run, and what a person may ask of it."""
