"""Facts about public data sets: source, licence, citation, hash of every file."""
