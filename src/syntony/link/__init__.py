"""Synchrony beside emotion and empathy: codes, moments, questionnaires, models."""
