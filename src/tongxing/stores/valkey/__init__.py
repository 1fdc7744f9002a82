"""A hot index in Valkey Cluster before the record: ``stores.with_index`` is the way in.

It may be lost at any moment, whole or in part, and nothing is: the record holds everything. What it tells is
never older than what was acknowledged; ``eras`` says how.
"""
