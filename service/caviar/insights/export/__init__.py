"""All trials that a filter lets through, as a stream of bytes: CSV, JSON, JSON lines, Parquet."""
