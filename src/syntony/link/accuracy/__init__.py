"""Empathic accuracy: how well one person's rating of another follows that other's own."""
