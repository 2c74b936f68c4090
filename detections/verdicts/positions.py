"""Where the samples of some runs stand in a frozen set of histograms, found in its packed keys without opening it.

A set never changes, so what was found once is kept in the cache.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache

from detections.models import SampleSet

KEPT = 3600
"""Seconds."""
CHUNK = 1 << 22
"""Bytes of keys that are looked through at once: memory does not grow with the set."""


@dataclass
class Placed:
    """Of the samples of one run: ``positions`` (n,) in the score vector, ``lumisections`` (n,), and of each the
    place of its element in ``names``.
    """

    positions: np.ndarray
    lumisections: np.ndarray
    elements: np.ndarray
    names: list[str]


def positions_of(sample_set_id: int, digest: str, groups: Iterable[str]) -> dict[str, Placed]:
    """By group (``CMS:316187``) its samples in the set with this hash; groups it does not hold are left out."""
    names = {f"run-positions:{digest}:{_short(group)}": group for group in groups}
    found: dict[str, Placed | None] = {names[name]: kept for name, kept in cache.get_many(names).items()}
    missing = [group for group in names.values() if group not in found]
    if missing:
        keys = bytes(SampleSet.objects.values_list("keys", flat=True).get(pk=sample_set_id))
        found |= find(keys, missing)
        cache.set_many({name: found[group] for name, group in names.items() if group in missing}, KEPT)
    return {group: placed for group, placed in found.items() if placed is not None}


def _short(group: str) -> str:
    return hashlib.sha256(group.encode()).hexdigest()[:24]


def find(keys: bytes, groups: Iterable[str]) -> dict[str, Placed | None]:
    """The samples of each group in keys as a set stores them: ``group:lumisection element``, one a line, zlib."""
    wanted = {f"{group}:".encode(): group for group in groups}
    blocks = _blocks_of({group.rpartition(":")[0] for group in wanted.values()})
    hits: dict[str, list[tuple[int, bytes]]] = {group: [] for group in wanted.values()}
    line = 0
    for text in _whole_lines(keys):
        seen = 0
        for block in blocks.finditer(text):
            if block[1] in wanted:
                line, seen = line + text.count(b"\n", seen, block.start()), block.start()
                rests = (one[len(block[1]) :] for one in block[0][1:].split(b"\n"))
                hits[wanted[block[1]]].extend(enumerate(rests, line))
        line += text.count(b"\n", seen)
    return {group: _placed(found) for group, found in hits.items()}


def _blocks_of(experiments: set[str]) -> re.Pattern[bytes]:
    """Neighbouring lines of one run: a set lists the lumisections of a run one after the other, per element."""
    names = b"|".join(re.escape(name.encode()) for name in sorted(experiments))
    return re.compile(rb"\n((?:%b):\d+:)[^\n]*+(?:\n\1[^\n]*+)*+" % names)


def _whole_lines(keys: bytes) -> Iterator[bytes]:
    """The unpacked keys piece by piece; every line begins with its line break."""
    unpack = zlib.decompressobj()
    rest, packed = b"\n", keys
    while packed:
        text = rest + unpack.decompress(packed, CHUNK)
        packed = unpack.unconsumed_tail
        if packed:
            cut = text.rfind(b"\n")
            text, rest = text[:cut], text[cut:]
        yield text


def _placed(hits: list[tuple[int, bytes]]) -> Placed | None:
    if not hits:
        return None
    numbers, elements = [], []
    names: dict[bytes, int] = {}
    for _, rest in hits:
        number, _, name = rest.partition(b" ")
        numbers.append(int(number))
        elements.append(names.setdefault(name, len(names)))
    return Placed(
        np.array([line for line, _ in hits], dtype=np.int64), np.array(numbers), np.array(elements, dtype=np.int32),
        [name.decode() for name in names],
    )  # fmt: skip
