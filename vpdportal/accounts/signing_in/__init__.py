"""Signing in: with what, how strongly, for how long."""
