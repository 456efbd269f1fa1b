"""What management sees: figures, protected against pointing at persons, and drawn."""
