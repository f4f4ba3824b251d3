"""Opens the screen, and does for it what reaches outside: files, programs, git."""
