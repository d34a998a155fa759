"""Recording of two or more people: nothing is computed here, nothing is lost."""
