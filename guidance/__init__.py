"""The field's knowledge: what fits an incident. Knows no incident, only facts."""
