"""How everything that porch prints reaches standard output and standard error."""
