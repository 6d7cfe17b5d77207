"""The demo: whole disputes on the deployed stack, acted by three people through the API. `python -m local.demo`."""
