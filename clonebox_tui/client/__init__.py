"""How a front end reaches the worker: spawn or connect, ask, follow, resume."""
