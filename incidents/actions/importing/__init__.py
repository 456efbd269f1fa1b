"""Cases of an earlier registration: read from a sheet, judged, brought in, taken back (ADR 37)."""
