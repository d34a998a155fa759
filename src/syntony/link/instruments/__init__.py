"""Questionnaires: definitions as data, one file each."""

from syntony.link.instruments import blri, demo_closeness, demo_empathy

__all__ = ["blri", "demo_closeness", "demo_empathy"]
