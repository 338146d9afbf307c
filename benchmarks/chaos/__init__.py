"""Real kills at seeded moments over one study of short trials, and what must hold afterwards."""
