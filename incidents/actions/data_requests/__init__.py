"""What people ask about their own data (AVG 15-22): collected, weighed, decided by the officer (ADR 35)."""
