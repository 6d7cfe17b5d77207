"""Writes documents and measures tests; nothing that runs in production imports it."""
