"""The one read model: what API, dashboard, command line and SDK show. It reads snapshots and never writes."""
