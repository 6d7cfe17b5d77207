"""Mails as people read them: the words, the layouts and the rendering. Sending is another adapter."""
