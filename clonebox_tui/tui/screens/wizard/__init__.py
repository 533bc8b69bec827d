"""The clone wizard: where, what, how, plan, build; by keyboard only, nothing done before the last yes."""

from clonebox_tui.tui.screens.wizard.screen import WizardScreen

__all__ = ["WizardScreen"]
