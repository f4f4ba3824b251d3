"""A decoded plan file made into a Plan: texts understood, names looked up, rules kept."""
