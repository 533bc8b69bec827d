"""What outlives the worker: jobs, events and samples in one SQLite file."""
