"""Regions: profiles (data) and families (code); from what was scanned to a report. Floor 3, sans-IO.

The way through the room, in order: a ``Profile`` (``profile``, ``statuses``) says what a
region's statuses mean; a *family* (``families``) recognises the region's code and asks its back end by
yielding requests (``answers``); ``translation`` turns the answer into a report by cause.
"""
