"""The game day: failures on a running stack, one after the other. Each is seen by its alarm's metric, and mended by
what its page of the runbook names, and nothing else (Q36)."""
