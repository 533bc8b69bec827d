"""Every fault at every moment: an inventory before and after shows that nothing is ever half there."""
