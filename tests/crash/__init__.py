"""Q2: the canonical flows on the real handlers over moto, with a fault at every AWS call that they make."""
