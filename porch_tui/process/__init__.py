"""How processes are run: shims, signals, output files, usage. Knows neither git nor a plan."""
