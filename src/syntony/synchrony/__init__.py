"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import correlation as correlation
from syntony.synchrony import kleinbub as kleinbub
from syntony.synchrony import mvsusy as mvsusy
from syntony.synchrony import slopes as slopes
from syntony.synchrony import suco as suco
from syntony.synchrony import susy as susy
