"""When a task may start: readiness, slots, and what the machine has room for."""
