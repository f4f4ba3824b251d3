"""What a page is made of, and the forms it is written in."""
