"""Base images: building, importing, listing and removing the disks that clones start from."""
