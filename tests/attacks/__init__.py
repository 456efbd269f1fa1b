"""Attacks on a running portal by tools that others wrote. Not a part of the tests: `python run.py attack`."""
