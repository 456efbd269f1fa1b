"""All of one organisation in one file, and back, in this portal or another one (ADR 37)."""
