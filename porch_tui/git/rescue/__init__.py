"""Work that must not be lost: stashes, uncommitted work of attempts, shelves."""
