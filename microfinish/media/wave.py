"""24-bit PCM in a WAV file, written without dither: 144 dB below full scale needs none."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from microfinish.media.loudness import Samples

_FULL_SCALE = 2 ** 23


def write_wave(sound: Samples, path: Path, rate: int = 48_000,
               chunks: Sequence[tuple[bytes, bytes]] = ()) -> Samples:
    """Write `sound`, float32 (n, channels), as pcm_s24le; what it reads back as.

    Values outside -1..1 - 2^-23 clip. `chunks` (name, content) stand before the format.
    """
    codes = np.clip(np.rint(sound * np.float64(_FULL_SCALE)), -_FULL_SCALE, _FULL_SCALE - 1)
    whole = codes.astype("<i4")
    payload = whole.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    channels = sound.shape[1]
    header = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 3, channels * 3, 24)
    pad = b"\0" * (len(payload) % 2)
    before = b"".join(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
                      for name, content in chunks)
    size = 4 + len(before) + 8 + len(header) + 8 + len(payload) + len(pad)
    path.write_bytes(b"RIFF" + struct.pack("<I", size) + b"WAVE" + before + b"fmt "
                     + struct.pack("<I", 16) + header + b"data" + struct.pack("<I", len(payload))
                     + payload + pad)
    return (whole / np.float32(_FULL_SCALE)).astype(np.float32)
