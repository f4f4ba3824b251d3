"""What to change in a plan, as edits: by its relations, by what runs have shown, by standards."""
