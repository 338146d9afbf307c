"""What happens when events arrive or time passes: apply, decide, lease, in one transaction. No HTTP, no Ray."""
