"""Synchrony joined with coded emotion, moment by moment: events, epochs, order, dose, phase."""
