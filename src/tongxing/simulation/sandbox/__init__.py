"""The sandbox for integrators: any region's back end over HTTP, made from its profile, with a switchboard for people.

The back ends are those of the demo (``simulation.backends``); nothing here speaks a dialect of its own. All
of them live in one process and one event loop, each on its own port of loopback, as a region's system has
an address of its own. Everything in it is synthetic and everybody knows its secrets.
"""
