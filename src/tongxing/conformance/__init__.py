"""Examines somebody else's service from outside and tells in words what fails: for integrators, floor 9.

A region's back end is asked in its own dialect, over HTTP, as a gateway would ask it, about people whose states whoever
runs it has written down (``given``). What must be refused is tried first, since what a service wrongly admits harms
people and what it wrongly refuses shows by itself. The catalogue of checks is closed (``catalogue``); each check
passes, fails with what was seen, or was not tried and says why, so that nothing counts as passed that nobody looked at.

Nothing here knows a simulated back end: what is examined may be anybody's.
"""
