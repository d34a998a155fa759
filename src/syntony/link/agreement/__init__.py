"""Agreement between coders: kappas on time and on events, alpha, intra-class correlations."""
