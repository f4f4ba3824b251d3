"""A plan file as text: its YAML with positions, the mistakes in it, whether values have the right types."""
