"""What runs and dead processes leave in a repository: found by one survey, removed or kept by its rules.

`porch clean`, `porch doctor` and `porch status` are its views. Only this room decides what may be deleted.
"""
