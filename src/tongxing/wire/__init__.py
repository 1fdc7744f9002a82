"""Bytes and texts that cross a wire, and the values they stand for; floor 1: no IO, no clock, no keys."""
