"""Clone an environment: from a wish to a machine that is ready, each step with its undo."""
