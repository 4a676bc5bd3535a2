"""A country: its places, tiles, calendar and periods, and the observed record."""
