"""Parameters in the order of what they are worth: with few trials a search spends first on what matters most."""
