"""Pictures as plain dicts in Plotly's form: REST, the dashboard, notebooks and the command line show the same."""
