"""Which theory of a hypothesis wins: what its judge found, compared."""
