"""trucesim."""
