"""Heart-rate straps over Bluetooth: every beat interval, as the strap sends it."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from syntony.core.errors import InputError
from syntony.core.optional import need
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.sources import Pulled, Queued

MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One notification of a strap.

    ``rr_ms`` are the intervals since the last one, oldest first. ``contact`` is None where the
    strap does not say whether it touches the skin.
    """

    rate_per_min: int
    rr_ms: tuple[float, ...] = ()
    contact: bool | None = None


def parse_heart_rate(data: bytes) -> Beat:
    """Read a Heart Rate Measurement (characteristic 0x2A37).

    Raises
    ------
    InputError
        If it is shorter than it says.

    Notes
    -----
    Heart Rate Service 1.0, section 3.1: flags, rate (one byte or two), energy (two bytes, where
    flagged), then intervals in units of 1/1024 s.

    Examples
    --------
    >>> parse_heart_rate(bytes([0x16, 72, 0x00, 0x04, 0x00, 0x02]))
    Beat(rate_per_min=72, rr_ms=(1000.0, 500.0), contact=True)
    """
    try:
        flags = data[0]
        wide = flags & 1
        rate = struct.unpack_from("<H" if wide else "<B", data, 1)[0]
        at = 3 if wide else 2
        if flags & 0x08:
            at += 2
            if at > len(data):
                raise IndexError
    except (IndexError, struct.error):
        raise InputError("heart rate", bytes(data).hex(), "a whole measurement") from None
    rr: tuple[float, ...] = ()
    if flags & 0x10:
        if (len(data) - at) % 2:
            raise InputError("heart rate", bytes(data).hex(), "intervals of two bytes each")
        numbers = struct.unpack_from(f"<{(len(data) - at) // 2}H", data, at)
        rr = tuple(n * 1000 / 1024 for n in numbers)
    contact = bool(flags & 0x02) if flags & 0x04 else None
    return Beat(rate_per_min=int(rate), rr_ms=rr, contact=contact)


class StrapSource:
    """A strap as a source of beats: the interval that ends at each, in ms.

    Several intervals come in one notification; the last ends when it comes, those before end
    earlier by the intervals after them. The delay of Bluetooth (some tenths of a second) is in
    the stamps.

    Parameters
    ----------
    name : str
        For the stream.
    address : str
        Of the strap; empty for one that is fed by ``notify`` alone.
    clock : callable
        The recorder's clock.

    Examples
    --------
    >>> strap = StrapSource("strap", clock=lambda: 10.0)
    >>> strap.notify(bytes([0x10, 60, 0x00, 0x04, 0x00, 0x02]))
    >>> strap.pull()[0]
    array([ 9.5, 10. ])
    """

    xml = ""

    def __init__(
        self, name: str, *, address: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.info = StreamInfo(
            name=name,
            type="RR",
            nominal_rate_hz=0.0,
            format="float32",
            source_id=name,
            channels=(ChannelInfo(label="rr", unit="ms", type="rr"),),
        )
        self._beats = Queued(self.info, clock=clock)
        self._last_s = -1e300
        self.bad_notifications = 0
        self.has_contact: bool | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if address:
            need("bleak", to="reading a heart-rate strap", extra="live")
            self._thread = threading.Thread(target=self._listen, args=(address,), daemon=True)
            self._thread.start()

    def notify(self, data: bytes) -> None:
        """Take one notification; one that cannot be read is counted."""
        now = self._beats.clock()
        try:
            beat = parse_heart_rate(bytes(data))
        except InputError:
            self.bad_notifications += 1
            return
        self.has_contact = beat.contact
        rest = sum(beat.rr_ms) / 1000
        for rr in beat.rr_ms:
            rest -= rr / 1000
            at = max(now - rest, self._last_s)  # time never runs back between notifications
            self._last_s = at
            self._beats.put((rr,), at)

    def pull(self) -> Pulled:
        """Every beat since the last call."""
        return self._beats.pull()

    def measure_offset(self) -> tuple[float, float]:
        """No offset: beats are stamped here."""
        return self._beats.measure_offset()

    def close(self) -> None:
        """Let go of the strap."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _listen(self, address: str) -> None:
        asyncio.run(self._stay_connected(address))

    async def _stay_connected(self, address: str) -> None:
        """Connect, and connect again whenever the strap goes away."""
        bleak = need("bleak", to="reading a heart-rate strap", extra="live")
        while not self._stop.is_set():
            try:
                async with bleak.BleakClient(address) as client:
                    await client.start_notify(MEASUREMENT, lambda _, data: self.notify(data))
                    while client.is_connected and not self._stop.is_set():
                        await asyncio.sleep(0.2)
            except (bleak.exc.BleakError, OSError, TimeoutError):
                await asyncio.sleep(1.0)  # out of reach: the alarms tell it, we try again
