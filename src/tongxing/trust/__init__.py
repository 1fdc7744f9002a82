"""Whom to believe: floor 2. Bundles and their update rules, the directory, the day's verifier keys.

The other sections of a bundle (profiles, rules, risk) are bytes to this room; the rooms above read them.
"""
