"""The process that does the work: its life, lock, socket and the JSON-RPC server."""
