"""Full screens and dialogs; all but the cockpit are loaded when they are first asked for."""
