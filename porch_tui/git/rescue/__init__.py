"""Work that must not be lost: stashes, what attempts left uncommitted, the shelf."""
