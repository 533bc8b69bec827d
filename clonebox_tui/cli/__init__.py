"""The headless front end: every act as a command, for scripts, hooks and people without a screen."""
