"""Who saw and changed what: append-only and chained, the lowest floor of the house."""
