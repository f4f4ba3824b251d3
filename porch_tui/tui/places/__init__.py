"""The places of a run, with what runs there."""
