"""The adapters of the port Store."""
