"""How long a plan takes and whether running it in parallel pays."""
