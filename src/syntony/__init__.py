"""Interpersonal physiology: from the sensors of two people to the findings, beside chance."""

__version__ = "0.1.0"
