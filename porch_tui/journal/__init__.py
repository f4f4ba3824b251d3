"""How facts are kept: the run directory, its journal, lease and inbox. Decides nothing."""
