"""Questions put to many runs: comparisons, calibration, validation, experiments."""
