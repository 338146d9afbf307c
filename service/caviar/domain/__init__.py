"""Values: the search space, the study, its states and errors. No I/O, no clock, no randomness."""
