"""From a goal or a list of tasks to a plan file that a person reviews."""
