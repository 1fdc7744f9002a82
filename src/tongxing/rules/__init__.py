"""Rule tables: what a region demands of whom, where. Ordered, first hit wins, total (design, law 5)."""
