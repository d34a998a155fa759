"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import correlation, slopes

__all__ = ["correlation", "slopes"]
