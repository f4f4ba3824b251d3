"""What ran when."""
