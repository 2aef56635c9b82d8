"""What of each service is here: its actions, the parameters that they read, the refusals that they may give.

``python -m localcloud.coverage`` writes it to COVERAGE.md.  It is read out of the code that answers, so it can't be
wrong about what there is.
"""
