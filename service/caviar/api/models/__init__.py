"""What requests and answers look like: for validation of small bodies, and for OpenAPI."""
