"""Whom to believe: directory records, bundles and their update rules, the day's verifier keys; floor 2, sans-IO."""
