"""What chance alone would give: one file per family of surrogates."""
