"""One suite over every provider: what the protocol promises holds in each of them."""
