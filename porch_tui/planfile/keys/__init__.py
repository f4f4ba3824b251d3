"""The keys of a plan file: their types, limits and one sentence each."""
