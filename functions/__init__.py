"""The functions: one folder, one act."""
