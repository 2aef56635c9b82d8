"""Measurements that are asserted by `make bench`, never by a timed test."""
