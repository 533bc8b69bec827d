"""Snapshots as acts: taken, gone back to, deleted, with the live shares out of the way meanwhile.

`handlers` has them all; it is not imported here: a worker's start needs only what is hidden and recorded.
"""
