"""What base images are made of, without a guest."""
