"""What stands for several tasks, written out before decoding: entries of `each`, and `tries`."""
