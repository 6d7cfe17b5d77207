"""Mails: who gets which, what each says, how it is delivered, and what a bounce means."""
