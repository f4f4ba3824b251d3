"""How the tasks of a plan are related: ordered, conflicting, independent or unknown, and the evidence."""
