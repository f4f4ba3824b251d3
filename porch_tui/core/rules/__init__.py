"""How a run moves on: what a fact changes, what is admitted, what follows, and which effects are wanted."""
