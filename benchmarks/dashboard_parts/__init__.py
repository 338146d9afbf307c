"""The parts of `benchmarks.dashboard`."""
