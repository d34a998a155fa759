"""Which streams of an XDF file are whose, and what their channels are called and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from syntony.core.errors import FileError
from syntony.core.units import KINDS
from syntony.io.channels import Asked, kind_of
from syntony.io.xdf.chunks import SAMPLES
from syntony.io.xdf.file import XdfFile, XdfStream
from syntony.io.xdf.headers import ChannelInfo, StreamInfo

MARKERS = ("markers", "marker", "stringmarker", "stringmarkers", "events", "triggers")
_SHOWN = 12
_MOST_CHANNELS = 10_000


def pick_streams(file: XdfFile, asked: Sequence[str | int] | None) -> tuple[XdfStream, ...]:
    """Find the streams that are asked for; without a wish, the one that there is.

    Raises
    ------
    FileError
        If there are several and none was asked for, one is not there, or a name is two's.
    """
    there = [_shown(s) for s in file.streams[:_SHOWN]]
    if asked is None:
        data = [s for s in file.streams if not is_marker(s.info) and _holds_data(file, s)]
        if len(data) > 1:
            raise Asked(
                file.path,
                f"{len(data)} streams of data: {', '.join(_shown(s) for s in data[:_SHOWN])}",
                "to be told which are this person's",
                "Pass streams=[...]: names, source ids or numbers.",
                option="streams",
                choices=[s.info.source_id or s.info.name for s in data],
            )
        return tuple(s for s in file.streams if s in data or is_marker(s.info)) or file.streams
    picked: list[XdfStream] = []
    for wish in [asked] if isinstance(asked, str | int) else asked:
        found = _matching(file, wish)
        if len(found) != 1:
            raise FileError(
                file.path,
                f"{len(found) or 'no'} streams that are {wish!r}",
                f"one of {there}",
                "Name it by its source id or its number." if found else "Check the names.",
            )
        picked += [s for s in found if s not in picked]
    return tuple(picked)


def _matching(file: XdfFile, wish: str | int) -> list[XdfStream]:
    """Streams with this source id, or else this name, or else this number."""
    by_source = [s for s in file.streams if s.info.source_id == wish]
    by_name = [s for s in file.streams if s.info.name == wish]
    return by_source or by_name or [s for s in file.streams if str(s.number) == str(wish)]


def is_marker(info: StreamInfo) -> bool:
    """Whether a stream says what happened, rather than what was measured."""
    return info.is_text or info.type.lower() in MARKERS


def _holds_data(file: XdfFile, stream: XdfStream) -> bool:
    return bool(len(file.layout.of(SAMPLES, stream.number)))


def _shown(stream: XdfStream) -> str:
    source = f", source id {stream.info.source_id!r}" if stream.info.source_id else ""
    return f"{stream.info.name!r} (number {stream.number}{source})"


def name_channels(
    infos: Sequence[StreamInfo], units: Mapping[str, str] | None = None
) -> list[tuple[ChannelInfo, ...]]:
    """Channels of streams that one person wears, each label once over all of them.

    Parameters
    ----------
    infos : sequence of StreamInfo
    units : mapping of label to unit, optional
        What the caller says; it goes before what a stream says. With or without the stream before
        the label.

    Returns
    -------
    list of tuple of ChannelInfo
        Labels as the stream has them, with ``stream/`` before those that two share; the stream's
        name, and a number, where it has none. Streams of markers have no channels.

    Examples
    --------
    >>> band = StreamInfo(name="Band", type="EDA", nominal_rate_hz=4, format="float32",
    ...     channel_count=2)
    >>> [c.label for c in name_channels([band])[0]]
    ['Band 1', 'Band 2']
    """
    plain = [[] if is_marker(i) else _plain_labels(i) for i in infos]
    counts = Counter(label for said in plain for label in said)
    given, out = units or {}, []
    for info, labels in zip(infos, plain, strict=True):
        said = info.channels or (ChannelInfo(),) * len(labels)
        front = info.source_id or info.name
        out.append(
            tuple(
                ChannelInfo(
                    label=(whole := f"{front}/{label}" if counts[label] > 1 else label),
                    unit=given.get(whole) or given.get(label) or channel.unit,
                    type=channel.type,
                )
                for label, channel in zip(labels, said, strict=True)
            )
        )
    return out


def _plain_labels(info: StreamInfo) -> list[str]:
    """Labels of one stream, as it describes them."""
    said = [c.label for c in info.channels]
    if said and len(set(said)) == len(said) and "" not in said:
        return said
    count = info.channel_count
    if count > _MOST_CHANNELS:
        return []
    return [info.name] if count == 1 else [f"{info.name} {i + 1}" for i in range(count)]


def kinds_of_types(
    infos: Sequence[StreamInfo],
    named: Sequence[Sequence[ChannelInfo]],
    kinds: Mapping[str, str],
) -> dict[str, str]:
    """Kind by the type of channel or stream, where the label says none and only one can be it."""
    out = dict(kinds)
    for info, channels in zip(infos, named, strict=True):
        types = [c.type for c in channels]
        for channel in channels:
            wider = kind_of(channel.type or info.type or "?")
            alone = len(channels) == 1 or (bool(channel.type) and types.count(channel.type) == 1)
            if out.get(channel.label, "eda") not in KINDS and wider in KINDS and alone:
                out[channel.label] = wider
    return out
