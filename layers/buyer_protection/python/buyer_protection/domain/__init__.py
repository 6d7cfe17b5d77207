"""The rules: pure Python, standard library only. Every function that depends on time takes `now`."""
