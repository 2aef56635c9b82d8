"""The only place that knows a cloud SDK."""
