"""Tongxing (通行): regions whose health codes differ recognise one another's.

The rooms, floor by floor, and what each is for: ``docs/architecture.md``. All stages of
deciding, in order, on one screen: ``tongxing.recognition.pipeline``.
"""
