"""What an XDF file says of itself and of its streams."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import numpy as np

from syntony.core.errors import FileError

FORMATS: Mapping[str, str] = {
    "float32": "<f4",
    "double64": "<f8",
    "int8": "<i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
}
_LONGEST_XML = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelInfo:
    """One channel of a stream, as its description has it; empty where it says nothing."""

    label: str = ""
    unit: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """What is known of a stream before its first sample.

    ``nominal_rate_hz`` is 0 for a stream without a rate (markers, beats). ``format`` is one of
    ``float32``, ``double64``, ``int8``, ``int16``, ``int32``, ``int64``, ``string``.

    Examples
    --------
    >>> StreamInfo(name="EDA", type="EDA", nominal_rate_hz=4.0, format="float32").channel_count
    1
    """

    name: str
    type: str
    nominal_rate_hz: float
    format: str
    channel_count: int = 1
    source_id: str = ""
    hostname: str = ""
    created_at: str = ""
    uid: str = ""
    channels: tuple[ChannelInfo, ...] = field(default_factory=tuple)

    @property
    def is_text(self) -> bool:
        """Whether its values are words."""
        return self.format == "string"

    @property
    def is_beats(self) -> bool:
        """Whether its values are intervals between beats, in ms, as they come."""
        return self.type.upper() == "RR" and self.nominal_rate_hz <= 0 and not self.is_text

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Of one value in the file."""
        return np.dtype(FORMATS[self.format])

    @property
    def width(self) -> int:
        """Bytes of the values of one sample."""
        return self.channel_count * self.dtype.itemsize


def stream_xml(info: StreamInfo) -> str:
    """Write the header of a stream.

    Examples
    --------
    >>> stream_xml(StreamInfo(name="A", type="EDA", nominal_rate_hz=4, format="float32"))[:48]
    '<?xml version="1.0"?><info><name>A</name><type>E'
    """
    said = {
        "name": info.name,
        "type": info.type,
        "channel_count": info.channel_count,
        "nominal_srate": repr(float(info.nominal_rate_hz)),
        "channel_format": info.format,
        "source_id": info.source_id,
        "created_at": info.created_at,
        "uid": info.uid,
        "hostname": info.hostname,
    }
    body = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in said.items())
    channels = "".join(
        f"<channel><label>{escape(c.label)}</label><unit>{escape(c.unit)}</unit>"
        f"<type>{escape(c.type)}</type></channel>"
        for c in info.channels
    )
    return f'<?xml version="1.0"?><info>{body}<desc><channels>{channels}</channels></desc></info>'


def parse_xml(path: Path, content: bytes, what: str) -> Element:
    """Parse a header; entities are refused.

    Raises
    ------
    FileError
        Where it is not XML, or longer than any header.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(content) > _LONGEST_XML:
        raise FileError(path, f"{what} of {len(content):,} bytes", f"at most {_LONGEST_XML:,}")
    try:
        root: Element = fromstring(content.decode("utf-8", errors="replace").lstrip("\x00"))
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FileError(path, f"{what} that is not XML ({error})", "XML without entities") from None
    return root


def word(root: Element, name: str) -> str:
    """Text of an element, empty where there is none."""
    return (root.findtext(name) or "").strip()


def whole(text: str) -> int | None:
    """Read a count as writers put it, such as ``"94176.0"``; None where it is none.

    Examples
    --------
    >>> whole("94176.0"), whole("many")
    (94176, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or value < 0 or value != int(value) or value > 2**53:
        return None
    return int(value)


def parse_stream(path: Path, content: bytes) -> StreamInfo:
    """Read the header of a stream.

    Raises
    ------
    FileError
        Not XML; no channel count, rate or format that can be.
    """
    root = parse_xml(path, content, "a stream header")
    name, form = word(root, "name"), word(root, "channel_format").lower()
    form = {"double": "double64", "float": "float32"}.get(form, form)
    count = whole(word(root, "channel_count"))
    try:
        rate = float(word(root, "nominal_srate") or 0)
    except ValueError:
        rate = math.nan
    if count is None or not 1 <= count <= 1_000_000 or form not in {*FORMATS, "string"}:
        raise FileError(
            path,
            f"stream {name!r} with {word(root, 'channel_count')!r} channels of "
            f"{word(root, 'channel_format')!r}",
            f"1 channel or more of {sorted(FORMATS)} or 'string'",
        )
    if not (math.isfinite(rate) and 0 <= rate <= 1e7):
        raise FileError(
            path, f"stream {name!r} at {word(root, 'nominal_srate')!r} Hz", "0 to 10,000,000 Hz"
        )
    channels = tuple(
        ChannelInfo(label=word(c, "label"), unit=word(c, "unit"), type=word(c, "type"))
        for c in root.iterfind("desc/channels/channel")
    )
    return StreamInfo(
        name=name,
        type=word(root, "type"),
        nominal_rate_hz=rate,
        format=form,
        channel_count=count,
        source_id=word(root, "source_id"),
        hostname=word(root, "hostname"),
        created_at=word(root, "created_at"),
        uid=word(root, "uid"),
        channels=channels if len(channels) == count else (),
    )
