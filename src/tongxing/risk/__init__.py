"""Risk of places: divisions, the platform's official list, and the risk of an origin."""
