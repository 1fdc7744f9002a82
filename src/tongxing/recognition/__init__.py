"""From a presented code to a verdict: the pipeline, combining, and who may see what; floor 4, pure."""
