"""What goes between an engine and a host: messages, and how they become lines."""
