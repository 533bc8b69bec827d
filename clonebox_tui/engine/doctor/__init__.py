"""What this host can do, what is missing for it, and the few things that can be put right from here."""

from clonebox_tui.engine.doctor.doctor import Doctor as Doctor
