"""Carries out what the core wants: merges, validations, landings, resolutions."""
