"""The side that runs on another machine: porch's own executor, and what it needs to be ordered from afar."""
