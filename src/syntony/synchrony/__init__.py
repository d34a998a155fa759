"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import correlation as correlation
from syntony.synchrony import group_recurrence as group_recurrence
from syntony.synchrony import recurrence as recurrence
from syntony.synchrony import slopes as slopes
