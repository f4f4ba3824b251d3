"""YAML to Plan: reads, checks and explains plan files. Knows neither git nor a run."""
