"""Commits and files that go from one repository to another, without either trusting what it receives."""
