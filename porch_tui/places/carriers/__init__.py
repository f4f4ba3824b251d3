"""The ways to a host: something that carries lines there and back."""
