"""Measured figures, each beside a baseline of the same run; explained in docs/performance.md.

Nothing here is a test: how long something takes is printed and written down, never asserted.
"""
