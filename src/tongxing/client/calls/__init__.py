"""The methods of the client, by kind of call. Written by `make docs` from the table of routes: edit there."""
