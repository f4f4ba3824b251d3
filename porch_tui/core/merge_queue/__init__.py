"""In which order finished work is merged and validated, what may land, and what is to blame for a failure."""
