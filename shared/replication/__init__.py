"""Replications, purely: no I/O, no clock, no chance."""
