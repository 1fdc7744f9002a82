"""Use cases and the ports that they need: floor 5. What stands behind a port is built by ``app/``."""
