"""Storms: a whole story of faults drawn from one seed, and what must hold when it has passed."""
