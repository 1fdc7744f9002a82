"""The one place that builds things, reads the clock and the settings, and opens stores: floor 7."""
