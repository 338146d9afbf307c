"""Checkpoints: the state of training, kept so that another process on another node can go on from it."""
