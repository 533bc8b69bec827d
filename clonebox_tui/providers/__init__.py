"""Where machines live: one package for each kind of place, all behind one protocol."""
