"""Values and small tools; imports nothing else of the project."""
