"""Forms validate and never save."""
