"""Caviar: many models in parallel with different hyperparameters, the best kept, the next round sampled near it."""
