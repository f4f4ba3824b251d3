"""The engine's side: the executor of attempts that run elsewhere."""
