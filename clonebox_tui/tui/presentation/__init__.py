"""Model to words and marks, purely: nothing here knows a widget, the clock or the terminal."""
