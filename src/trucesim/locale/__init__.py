"""Words and numbers as English and Spanish write them."""
