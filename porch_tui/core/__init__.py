"""What is true: the pure floor.

Nothing in this room reads a clock, a file, an environment variable or a random
number, starts a thread or a process, or knows git. It turns values into values:
`decide` and `admit` a message into events, `evolve` events into state, `settle`
state into what is due automatically, `wanted` state into what the world should do.
"""
