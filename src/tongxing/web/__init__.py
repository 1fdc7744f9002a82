"""The pages: checkpoint, citizen and operator. Templates, a style sheet and scripts, made ready at start."""
