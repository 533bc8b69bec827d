"""Which job the running code works for: on every line of the worker's log, in every program it starts."""

from contextvars import ContextVar

current_job: ContextVar[str] = ContextVar("current_job", default="")
"""The job's id; empty outside of jobs."""

JOB_VARIABLE = "CLONEBOX_JOB"
"""Tells in the environment of a program which job it works for; see `engine.orphans`."""
