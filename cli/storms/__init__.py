"""Storms: whole replications under every fault, from one seed, and the laws that have to hold all the same."""
