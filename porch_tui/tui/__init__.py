"""How it looks: a view of `core` state through `session`. Imports no engine, git, journal or process."""
