"""XDF: reading, writing and repairing of what ``syntony record`` and LabRecorder write."""

from syntony.io.xdf.file import open_xdf as open_xdf
from syntony.io.xdf.read import read_markers as read_markers
from syntony.io.xdf.read import read_xdf as read_xdf
from syntony.io.xdf.repair import Repaired as Repaired
from syntony.io.xdf.repair import repair as repair
from syntony.io.xdf.write import XdfWriter as XdfWriter
