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
from syntony.io.codes.book import CodeBook as CodeBook
from syntony.io.codes.book import code_books as code_books
from syntony.io.codes.book import read_code_book as read_code_book
from syntony.io.codes.book import write_code_book as write_code_book
from syntony.io.codes.checks import check_codes as check_codes
from syntony.io.codes.registry import read_codes as read_codes
from syntony.io.codes.registry import write_codes as write_codes
from syntony.io.codes.value import CodeEvent as CodeEvent
from syntony.io.codes.value import CodeFile as CodeFile
