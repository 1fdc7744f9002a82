"""The words of the federation as frozen values; floor 0: no IO, no clock, no randomness."""
