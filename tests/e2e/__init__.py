"""Whole disputes on the deployed stack: real gateway, functions, table, stream, state machine, queues, mails."""
