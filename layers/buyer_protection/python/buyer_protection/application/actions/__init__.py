"""What people and the shop's backend call: load, ask the domain, commit. `execute` is the one gate."""
