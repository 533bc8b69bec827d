"""What dies, hangs, is missing or was left behind: what a person sees then, and what is guaranteed."""
