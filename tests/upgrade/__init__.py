"""What the code of an earlier contract has written, finished by today's."""
