"""What is sent to a host that has no porch: the program, and how it is unpacked there."""
