"""Arrays in, arrays out; samples, not seconds. Imports none of ours."""
