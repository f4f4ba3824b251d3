"""Landing: the target branch is moved together with its checkout, or nothing changes."""
