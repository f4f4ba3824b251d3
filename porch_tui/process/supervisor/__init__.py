"""The processes that own a command: they run in a bare interpreter and outlive the engine."""
