"""A terminal without a window: bytes of a program in, what a screen would show out.

Pure and of the standard library alone: who owns a terminal answers its queries with it, who looks on draws
from it, and neither imports more for that. `screen.py` is where to begin.
"""
