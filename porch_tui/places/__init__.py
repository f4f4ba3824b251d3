"""Other machines: the side of porch that runs there, the ways to it, and the executor that uses them."""
