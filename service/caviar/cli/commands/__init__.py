"""The verbs' declarations, grouped. A verb returns its exit code, or nothing for 0."""
