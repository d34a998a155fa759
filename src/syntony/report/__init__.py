"""One page that explains itself, made from a Run folder and only from it."""
