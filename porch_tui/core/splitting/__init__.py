"""Splits a repository into parts that are rarely changed together."""
