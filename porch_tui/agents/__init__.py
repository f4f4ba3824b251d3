"""Coding-agent programs: how each is started and continued, and what its output means."""
