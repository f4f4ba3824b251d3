"""Where an attempt runs. One contract (`executor.py`), kept by each place. Never writes the journal."""
