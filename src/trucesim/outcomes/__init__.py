"""Numbers out of runs and record alike; each estimator is written once."""
