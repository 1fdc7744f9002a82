"""The HTTP door of a hub or gateway: one table of routes, one gate in front of all of them."""
