"""Merges without a checkout, and the conflicts they end in."""
