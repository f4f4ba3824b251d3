"""One file per kind of effect: merging, validating, landing, undoing, proposing and applying resolutions."""
