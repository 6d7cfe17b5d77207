"""The mails to look at: every kind, reader and language with made-up cases, as HTML, text and pictures."""
