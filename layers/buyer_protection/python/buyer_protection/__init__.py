"""Buyer Protection: the dispute system of a marketplace."""
