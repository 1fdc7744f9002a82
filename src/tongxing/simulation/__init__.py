"""A sandbox for integrators: synthetic people, real HTTP back ends, scenes, and a clock that can be set; floor 9."""
