"""Skin conductance, beats and others: quality, cleaning, features, and the one grid."""
