"""Signature suites, keys, sealing and request signatures; floor 1, and the only importer of crypto libraries."""
