"""Caviar in real processes that are killed and come back: its parts, each with a keeper, and who watches."""
