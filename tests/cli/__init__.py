"""The headless commands as a script meets them: real processes, a worker of their own."""
