"""One story a feature: seeded fleet, frozen clock, 80×24 and 120×40, dark and light."""
