"""What is known of a repository's files: path patterns, languages, tests, imports, what changes together."""
