"""In which order finished work is merged and validated, and who is to blame when it fails."""
