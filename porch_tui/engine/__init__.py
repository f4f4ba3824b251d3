"""Decides what happens when: the only writer of a run. All changes go through `Engine.absorb`."""
