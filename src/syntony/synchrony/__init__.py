"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import amplitude as amplitude
from syntony.synchrony import correlation as correlation
from syntony.synchrony import driver_empath as driver_empath
from syntony.synchrony import elastic as elastic
from syntony.synchrony import granger as granger
from syntony.synchrony import group_recurrence as group_recurrence
from syntony.synchrony import inter_subject as inter_subject
from syntony.synchrony import kleinbub as kleinbub
from syntony.synchrony import kuramoto as kuramoto
from syntony.synchrony import mutual_information as mutual_information
from syntony.synchrony import mvsusy as mvsusy
from syntony.synchrony import oscillator as oscillator
from syntony.synchrony import peaks as peaks
from syntony.synchrony import phase as phase
from syntony.synchrony import phase_lag as phase_lag
from syntony.synchrony import recurrence as recurrence
from syntony.synchrony import shared_component as shared_component
from syntony.synchrony import slopes as slopes
from syntony.synchrony import stability_influence as stability_influence
from syntony.synchrony import suco as suco
from syntony.synchrony import susy as susy
from syntony.synchrony import symbolic as symbolic
from syntony.synchrony import transfer_entropy as transfer_entropy
