"""The app: what starts, which screens there are, and how it ends."""
