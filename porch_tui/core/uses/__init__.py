"""What commands, scripts and prompts read, write and occupy, as far as their text shows it."""
