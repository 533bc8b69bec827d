"""The files a person writes: .clonebox.yaml, profiles and settings, checked as a whole."""
