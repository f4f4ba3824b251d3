"""What porch asks of the terminal, and sends to it."""
