"""What happens on which date: a scenario as a value, its file, and the one way to change it."""
