"""What the files of a repository say about each other: imports, scripts, sizes, and what changes together."""
