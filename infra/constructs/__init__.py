"""One module a capability; the stacks only put them together."""
