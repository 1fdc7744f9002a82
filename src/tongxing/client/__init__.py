"""A typed client of gateways and the hub, in Python: each operation of the OpenAPI document is a method.

``opening`` opens a client, ``calling`` sends and reads, ``calls`` has the methods by kind, written by ``writing`` from
the table of routes (``make docs``). Messages and answers are the server's own structs. How to use it: docs/client.md.
"""
