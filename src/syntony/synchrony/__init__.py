"""How strongly two people move together: one file per family of methods."""
