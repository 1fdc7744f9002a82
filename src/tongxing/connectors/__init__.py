"""HTTP clients behind the ports of ``services.peers``: back ends, other gateways, the hub; floor 6."""
