"""Pure search: history in, suggestions and verdicts out. No storage, no clock, no global randomness."""
