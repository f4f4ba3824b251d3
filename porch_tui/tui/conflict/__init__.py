"""Resolving conflicts hunk by hunk."""
