"""Work that nobody may lose: stashes, leftovers of attempts, the shelf."""
