"""What source files say of other files, a language each: found in one file, then resolved among all."""
