"""Runs: which parameters they take, how they are made, what is kept of them, and where."""
