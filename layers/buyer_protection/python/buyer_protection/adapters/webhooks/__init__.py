"""Adapters for webhooks: which addresses are connected to, and the signed request."""
