"""Codes of observers: one file per format, each giving a CodeFile; code books."""

from syntony.io.codes import boris as boris
from syntony.io.codes import carma as carma
from syntony.io.codes import datavyu as datavyu
from syntony.io.codes import elan as elan
from syntony.io.codes import elan_write as elan_write
from syntony.io.codes import intervals as intervals
from syntony.io.codes import minutes as minutes
from syntony.io.codes import noldus as noldus
from syntony.io.codes import rttm as rttm
from syntony.io.codes import tables as tables
from syntony.io.codes import textgrid as textgrid
from syntony.io.codes import whisper as whisper
