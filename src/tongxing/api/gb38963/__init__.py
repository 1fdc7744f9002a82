"""The face of GB/T 38963-2020 at a gateway: its seven calls, under names that are replaced in one table."""
