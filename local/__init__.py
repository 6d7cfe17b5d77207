"""The stack on one's own machine: emulator, deployment, people, client, logs (see `make help`)."""
