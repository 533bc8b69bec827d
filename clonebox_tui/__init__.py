"""clonebox-tui: clone a workstation environment into an isolated virtual machine, and run it."""

__version__ = "0.1.0"
