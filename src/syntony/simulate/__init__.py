"""Bodies, dyads and whole studies whose answer is known."""
