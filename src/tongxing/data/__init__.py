"""Data, no code: region profiles, rule tables, divisions."""
