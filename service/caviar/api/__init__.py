"""FastAPI: thin endpoints over engine and insights, one module per noun; errors, auth, waiting, background work."""
