"""A synchrony method from outside, as an example for Syntony."""
