"""Compares a document of the contract with that of a release, and says which changes break clients.

docs/compatibility.md is the policy: new members and new values in answers and events, new optional members in requests,
new calls and new refusals are compatible; everything else is not.
"""
