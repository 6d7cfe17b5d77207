"""The one table of alarms: what `infra/constructs/alarms.py` deploys and `docs/runbook.md` explains."""
