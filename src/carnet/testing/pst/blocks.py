"""How do blocks, pages and the two B-trees lie in the file (MS-PST 2.2, the node database layer)?"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = 8176
"""The most bytes of data in one block (MS-PST 2.2.2.8.3.1)."""
_FIRST_MAP = 0x4400
_MAPPED = 253_952
"""Bytes that one allocation map covers: 496 × 8 × 64 (MS-PST 2.2.2.7.2)."""
_PAGE = 512
_SLOT = 64
_MAP_BYTES = 496
_IN_HEADER = 128
_TREE_BYTES = 488
_ENTRIES_PER_LIST = 1021
_SUB_NODES_PER_BLOCK = 340
_BLOCK_TREE, _NODE_TREE, _ALLOCATION_MAP, _PAGE_MAP, _FREE_MAP = 0x80, 0x81, 0x84, 0x83, 0x82
_HEADER_TO_MAGIC_CRC = 471
_MOST_REFERENCES = 0xFFFF
"""What fits in the field (MS-PST 2.2.2.7.7.3); more stays there."""

SubNode = tuple[int, int, int]
"""Node id, block of its data, block of its own sub-nodes (0 for none)."""


def _crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(place: int, ident: int) -> int:
    """MS-PST 5.5."""
    mixed = (place ^ ident) & 0xFFFFFFFF
    return ((mixed >> 16) ^ mixed) & 0xFFFF


def _up(size: int, step: int) -> int:
    return -(-size // step) * step


def _reserved(number: int) -> int:
    """Bytes taken by maps at the start of the area of an allocation map (MS-PST 2.2.2.7.3 and .4)."""
    return _PAGE * (1 + (number % 8 == 0) + _has_free_map(number))


def _has_free_map(number: int) -> bool:
    """The header holds the first 128 (MS-PST 2.2.2.6)."""
    return number >= _IN_HEADER and (number - _IN_HEADER) % _MAP_BYTES == 0


@dataclass(slots=True)
class _Block:
    ident: int
    place: int
    size: int
    references: int = 2


class BlockFile:
    """Writes blocks as they come and the trees over them at the end; keeps 50 bytes a block in memory."""

    def __init__(self, path: Path) -> None:
        """Create the file, or empty it."""
        self._file = path.open("wb")
        self._at = _FIRST_MAP
        self._blocks: dict[int, _Block] = {}
        self._nodes: dict[int, tuple[int, int, int]] = {}
        self._next_block = self._next_page = 4
        self._taken: list[tuple[int, int]] = []

    def node(self, ident: int, data: int, *, sub_nodes: int = 0, parent: int = 0) -> None:
        """Register a node: its data block, its block of sub-nodes, the folder it belongs to."""
        self._nodes[ident] = (data, sub_nodes, parent)

    def share(self, block: int) -> int:
        """Count one more user of a block."""
        if block:
            self._blocks[block].references += 1
        return block

    def block(self, data: bytes, *, internal: bool = False) -> int:
        """Write one block and give its id (MS-PST 2.2.2.8.1: the data, a filler, the trailer)."""
        ident = self._next_block | (2 if internal else 0)
        self._next_block += 4
        whole = _up(len(data) + 16, _SLOT)
        place = self._allocate(whole, _SLOT)
        trailer = struct.pack("<HHIQ", len(data), _signature(place, ident), _crc(data), ident)
        self._write(place, data.ljust(whole - 16, b"\0") + trailer)
        self._blocks[ident] = _Block(ident, place, len(data))
        return ident

    def data(self, data: bytes) -> int:
        """Write data of any length."""
        return self.tree([data[at : at + BLOCK] for at in range(0, len(data), BLOCK)] or [b"\0"])

    def tree(self, parts: Sequence[bytes]) -> int:
        """Write parts that belong together: one block, or lists of blocks over them (MS-PST 2.2.2.8.3.2)."""
        if len(parts) == 1:
            return self.block(parts[0])
        leaves = [(self.block(part), len(part)) for part in parts]
        lists = [self._list(1, leaves[at : at + _ENTRIES_PER_LIST]) for at in range(0, len(leaves), _ENTRIES_PER_LIST)]
        return lists[0][0] if len(lists) == 1 else self._list(2, lists)[0]

    def _list(self, level: int, entries: Sequence[tuple[int, int]]) -> tuple[int, int]:
        total = sum(size for _, size in entries)
        idents = struct.pack(f"<{len(entries)}Q", *(ident for ident, _ in entries))
        return self.block(struct.pack("<BBHI", 1, level, len(entries), total) + idents, internal=True), total

    def sub_nodes(self, entries: Sequence[SubNode]) -> int:
        """Write the sub-nodes of a node and give their block, 0 for none (MS-PST 2.2.2.8.3.3)."""
        ordered, leaves = sorted(entries), []
        for at in range(0, len(ordered), _SUB_NODES_PER_BLOCK):
            part = ordered[at : at + _SUB_NODES_PER_BLOCK]
            body = b"".join(struct.pack("<QQQ", *entry) for entry in part)
            leaves.append((part[0][0], self.block(struct.pack("<BBHI", 2, 0, len(part), 0) + body, internal=True)))
        if not leaves:
            return 0
        if len(leaves) == 1:
            return leaves[0][1]
        body = b"".join(struct.pack("<QQ", *leaf) for leaf in leaves)
        return self.block(struct.pack("<BBHI", 2, 1, len(leaves), 0) + body, internal=True)

    def close(self) -> None:
        """Write the trees, the maps and the header."""
        nodes = [(ident, struct.pack("<QQQII", ident, *node, 0)) for ident, node in sorted(self._nodes.items())]
        node_root = self._page_tree(_NODE_TREE, nodes, size=32)
        blocks = [
            (one.ident, struct.pack("<QQHHI", one.ident, one.place, one.size, min(one.references, _MOST_REFERENCES), 0))
            for one in sorted(self._blocks.values(), key=lambda block: block.ident)
        ]
        block_root = self._page_tree(_BLOCK_TREE, blocks, size=24)
        self._write(0, self._header(node_root, block_root, self._maps()))
        self._file.close()

    def _write(self, place: int, data: bytes) -> None:
        self._file.seek(place)
        self._file.write(data)

    def _allocate(self, size: int, step: int) -> int:
        """The next free place for so many bytes, within the area of one allocation map and behind its maps."""
        while True:
            place = _up(self._at, step)
            number = (place - _FIRST_MAP) // _MAPPED
            start = _FIRST_MAP + number * _MAPPED
            if place < start + _reserved(number):
                self._at = start + _reserved(number)
            elif place + size > start + _MAPPED:
                self._at = start + _MAPPED
            else:
                self._at = place + size
                self._taken.append((place, size))
                return place

    def _page_tree(self, kind: int, leaves: Sequence[tuple[int, bytes]], *, size: int) -> tuple[int, int]:
        """Write a B-tree of pages and give the root's id and place (MS-PST 2.2.2.7.7)."""
        level, entries = 0, list(leaves)
        while True:
            most = _TREE_BYTES // size
            pages = [entries[at : at + most] for at in range(0, len(entries), most)]
            written = [(page[0][0], *self._tree_page(kind, page, size=size, level=level)) for page in pages]
            if len(written) == 1:
                return written[0][1:]
            entries = [(key, struct.pack("<QQQ", key, ident, place)) for key, ident, place in written]
            level, size = level + 1, 24

    def _tree_page(self, kind: int, entries: Sequence[tuple[int, bytes]], *, size: int, level: int) -> tuple[int, int]:
        ident, place = self._next_page, self._allocate(_PAGE, _PAGE)
        self._next_page += 4
        body = b"".join(entry for _, entry in entries).ljust(_TREE_BYTES, b"\0")
        body += struct.pack("<BBBBI", len(entries), _TREE_BYTES // size, size, level, 0)
        self._write(place, body + struct.pack("<BBHIQ", kind, kind, _signature(place, ident), _crc(body), ident))
        return ident, place

    def _maps(self) -> tuple[int, int, int]:
        """Write the allocation maps; the end of the file, the place of the last map, the free bytes (MS-PST 2.2.2.7.2)."""
        count = -(-(self._at - _FIRST_MAP) // _MAPPED)
        maps = [bytearray(_MAP_BYTES) for _ in range(count)]
        reserved = [(_FIRST_MAP + number * _MAPPED, _reserved(number)) for number in range(count)]
        for place, size in (*reserved, *self._taken):
            _mark(maps, place, size)
        for number, bits in enumerate(maps):
            self._write_maps(number, bytes(bits))
        end = _FIRST_MAP + count * _MAPPED
        self._write(end - 1, b"\0")
        return end, end - _MAPPED, sum(8 - byte.bit_count() for bits in maps for byte in bits) * _SLOT

    def _write_maps(self, number: int, bits: bytes) -> None:
        place = _FIRST_MAP + number * _MAPPED
        pages = [(_ALLOCATION_MAP, bits)]
        if number % 8 == 0:
            pages.append((_PAGE_MAP, b"\xff" * _MAP_BYTES))
        if _has_free_map(number):
            pages.append((_FREE_MAP, bytes(_MAP_BYTES)))
        for kind, body in pages:
            self._write(place, body + struct.pack("<BBHIQ", kind, kind, 0, _crc(body), place))
            place += _PAGE

    def _header(self, nodes: tuple[int, int], blocks: tuple[int, int], maps: tuple[int, int, int]) -> bytes:
        """MS-PST 2.2.2.6, version 23 (Unicode), no encoding; the root is 2.2.2.5."""
        end, last_map, free = maps
        body = struct.pack("<HHHBBIIQQI", 0x4D53, 23, 19, 1, 1, 0, 0, 0, self._next_page, 1)
        body += struct.pack("<32I", *([0x400] * 32)) + bytes(8)
        body += struct.pack("<IQQQQQQQQBBH", 0, end, last_map, free, 0, *nodes, *blocks, 2, 0, 0)
        body += bytes(4) + b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, self._next_block)
        return b"!BDN" + struct.pack("<I", _crc(body[:_HEADER_TO_MAGIC_CRC])) + body + struct.pack("<I", _crc(body)) + bytes(36)


def _mark(maps: Sequence[bytearray], place: int, size: int) -> None:
    number, offset = divmod(place - _FIRST_MAP, _MAPPED)
    first = offset // _SLOT
    for slot in range(first, first + _up(size, _SLOT) // _SLOT):
        maps[number][slot >> 3] |= 0x80 >> (slot & 7)
