"""Storms of faults in virtual time, by the thousand."""
