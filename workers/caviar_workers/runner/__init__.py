"""Running one trial's code in a process that can be stopped, measured and named when it dies."""
