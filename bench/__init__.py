"""`make bench`: what the documents promise, measured beside a reference, in one table. Counts and ratios only."""
