"""Use cases: load, ask the domain, commit. Nothing else."""
