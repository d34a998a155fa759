"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import all_pairs as all_pairs
from syntony.synchrony import ccf as ccf
from syntony.synchrony import correlation as correlation
from syntony.synchrony import cross_lagged as cross_lagged
from syntony.synchrony import differences as differences
from syntony.synchrony import prewhitening as prewhitening
from syntony.synchrony import rank_correlation as rank_correlation
from syntony.synchrony import slopes as slopes
