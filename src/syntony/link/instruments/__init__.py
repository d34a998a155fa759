"""Questionnaires: definitions as data."""
