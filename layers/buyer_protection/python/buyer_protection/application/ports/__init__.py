"""What the use cases need of the world: one module a capability. Adapters implement these Protocols, and tests hold
fakes and adapters to one contract."""
