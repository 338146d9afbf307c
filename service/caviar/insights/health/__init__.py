"""What looks wrong with a study, in sentences that say what to do. Each check is a small pure function of a view."""
