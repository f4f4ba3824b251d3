"""In what order: the only writer of a run. `Engine.absorb` is the one door for change. Draws nothing."""
