"""The sections of the report of a run, a module each."""
