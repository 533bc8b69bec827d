"""What is said to the guest agent: commands, files, facts.

`Agents` keeps one queue a machine; `run` for short questions, `stream` for a person's commands.
"""

from clonebox_tui.guest.agent import Agent, Agents, absence
from clonebox_tui.guest.execution import ExecResult, run
from clonebox_tui.guest.streaming import OnOutput, stream

__all__ = ["Agent", "Agents", "ExecResult", "OnOutput", "absence", "run", "stream"]
