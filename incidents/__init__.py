"""What happened, and what is done about it."""
