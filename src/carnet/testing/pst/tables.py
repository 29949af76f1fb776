"""How are properties and tables written into nodes (MS-PST 2.3, the lists, tables and properties layer)?"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping, Sequence

from carnet.testing.pst.blocks import BLOCK, BlockFile, SubNode
from carnet.testing.pst.values import Key, Properties, Type, Value, encode, inline

_MOST_ALLOCATION = 3580
_PROPERTIES, _TABLE, _TREE = 0xBC, 0x7C, 0xB5
_LARGE_VALUE = 0x1F
_FIRST_FILL_MAP, _FILL_MAP_EVERY = 8, 128
_CELL, _WIDE_CELL = 4, 8
_ROWS = (0x7F00 << 5) | _LARGE_VALUE
ROW_ID, ROW_VERSION = 0x67F2, 0x67F3
_PS_MAPI = uuid.UUID("00020328-0000-0000-c000-000000000046")
_PS_PUBLIC_STRINGS = uuid.UUID("00020329-0000-0000-c000-000000000046")
NAMED = 0x8000

Column = tuple[int, Type]
Row = tuple[int, Mapping[int, Value | None]]
Written = tuple[int, list[SubNode]]
"""The block of a node's data, and the sub-nodes it needs."""


class _Heap:
    """A heap on a node: small pieces, addressed by page and number (MS-PST 2.3.1)."""

    def __init__(self, client: int) -> None:
        self._client = client
        self._pages: list[list[bytearray]] = [[]]
        self._used = 12
        self.root = 0

    @staticmethod
    def _head(page: int) -> int:
        """Bytes before the pieces: the heap's header, a page's header, or one with a fill map (2.3.1.2 to .4)."""
        if page == 0:
            return 12
        return 66 if page % _FILL_MAP_EVERY == _FIRST_FILL_MAP else 2

    def add(self, data: bytes) -> int:
        """Keep a piece and give its address."""
        if self._used + len(data) + 4 + 2 * (len(self._pages[-1]) + 2) > BLOCK:
            self._used = self._head(len(self._pages))
            self._pages.append([])
        self._pages[-1].append(bytearray(data))
        self._used += len(data)
        return ((len(self._pages) - 1) << 16) | (len(self._pages[-1]) << 5)

    def put(self, address: int, data: bytes) -> None:
        """Replace a piece by one of the same length."""
        self._pages[address >> 16][((address & 0xFFFF) >> 5) - 1][:] = data

    def blocks(self) -> list[bytes]:
        """One block of bytes a page; all but the last are full."""
        last = len(self._pages) - 1
        return [self._page(number).ljust(BLOCK if number < last else 0, b"\0") for number in range(len(self._pages))]

    def _page(self, number: int) -> bytes:
        pieces, at = self._pages[number], self._head(number)
        offsets = [at, *(at := at + len(piece) for piece in pieces)]
        filler = bytes(at & 1)
        map_at = at + len(filler)
        if number == 0:
            head = struct.pack("<HBBII", map_at, 0xEC, self._client, self.root, 0)
        else:
            head = struct.pack("<H", map_at).ljust(self._head(number), b"\0")
        page_map = struct.pack(f"<HH{len(offsets)}H", len(pieces), 0, *offsets)
        return head + b"".join(pieces) + filler + page_map

    def tree(self, header: int, records: Sequence[tuple[bytes, bytes]], *, key: int, data: int) -> None:
        """Fill a B-tree (2.3.2): sorted records of `key` and `data` bytes; `header` is the address kept for it."""
        level, nodes = 0, self._level(records, size=key + data)
        while len(nodes) > 1:
            level += 1
            nodes = self._level([(first, struct.pack("<I", address)) for first, address in nodes], size=key + 4)
        self.put(header, struct.pack("<BBBBI", _TREE, key, data, level, nodes[0][1] if nodes else 0))

    def _level(self, records: Sequence[tuple[bytes, bytes]], *, size: int) -> list[tuple[bytes, int]]:
        most = _MOST_ALLOCATION // size
        parts = [records[at : at + most] for at in range(0, len(records), most)]
        return [(part[0][0], self.add(b"".join(key + data for key, data in part))) for part in parts]


class Tables:
    """Writes property lists and tables, and gathers the names of named properties."""

    def __init__(self, file: BlockFile) -> None:
        """Write into that file."""
        self._file = file
        self._sets: list[uuid.UUID] = []
        self._names: dict[Key, int] = {}
        self._entries = b""
        self._strings = b""

    def properties(self, properties: Properties) -> Written:
        """A property context (2.3.3)."""
        heap, sub_nodes, records = _Heap(_PROPERTIES), list[SubNode](), []
        heap.root = heap.add(bytes(8))
        for key, (kind, value) in properties.items():
            where = inline(kind, value)
            if where is None:
                where = struct.pack("<I", self._place(heap, encode(kind, value), sub_nodes))
            records.append((struct.pack("<H", self.tag(key)), struct.pack("<H", kind) + where))
        records.sort(key=lambda record: struct.unpack("<H", record[0]))
        heap.tree(heap.root, records, key=2, data=6)
        return self._file.tree(heap.blocks()), sub_nodes

    def _place(self, heap: _Heap, data: bytes, sub_nodes: list[SubNode]) -> int:
        """Keep a value in the heap, or in a sub-node where it is too long (2.3.3.2)."""
        if len(data) <= _MOST_ALLOCATION:
            return heap.add(data) if data else 0
        ident = ((NAMED + len(sub_nodes)) << 5) | _LARGE_VALUE
        sub_nodes.append((ident, self._file.data(data), 0))
        return ident

    def table(self, columns: Sequence[Column], rows: Sequence[Row]) -> Written:
        """A table context (2.3.4)."""
        layout = _Layout(columns)
        heap, sub_nodes = _Heap(_TABLE), list[SubNode]()
        heap.root, index = heap.add(bytes(22 + 8 * len(layout.columns))), heap.add(bytes(8))
        packed = [layout.pack(heap, ident, values) for ident, values in rows]
        address = self._rows(heap, packed, size=layout.row, sub_nodes=sub_nodes)
        order = sorted((ident, number) for number, (ident, _) in enumerate(rows))
        heap.tree(index, [(struct.pack("<I", ident), struct.pack("<I", number)) for ident, number in order], key=4, data=4)
        heap.put(heap.root, layout.describe(index, address))
        return self._file.tree(heap.blocks()), sub_nodes

    def _rows(self, heap: _Heap, packed: Sequence[bytes], *, size: int, sub_nodes: list[SubNode]) -> int:
        """Keep the row matrix in the heap or in a sub-node, whole rows in each block (2.3.4.4)."""
        if not packed:
            return 0
        if size * len(packed) <= _MOST_ALLOCATION:
            return heap.add(b"".join(packed))
        most = BLOCK // size
        parts = [b"".join(packed[at : at + most]) for at in range(0, len(packed), most)]
        full = [part.ljust(BLOCK, b"\0") for part in parts[:-1]]
        sub_nodes.append((_ROWS, self._file.tree([*full, parts[-1]]), 0))
        return _ROWS

    def tag(self, key: Key) -> int:
        """The tag of a property in this file: a named one gets its own at first use (2.4.7)."""
        if isinstance(key, int):
            return key
        if key not in self._names:
            number = len(self._names)
            self._names[key] = NAMED + number
            property_set, name = key
            which = self._property_set(uuid.UUID(property_set)) << 1
            ident, which = (name, which) if isinstance(name, int) else (self._string(name), which | 1)
            self._entries += struct.pack("<IHH", ident, which, number)
        return self._names[key]

    def _property_set(self, ident: uuid.UUID) -> int:
        if ident in {_PS_MAPI, _PS_PUBLIC_STRINGS}:
            return 1 if ident == _PS_MAPI else 2
        if ident not in self._sets:
            self._sets.append(ident)
        return 3 + self._sets.index(ident)

    def _string(self, text: str) -> int:
        at, data = len(self._strings), text.encode("utf-16-le")
        self._strings += struct.pack("<I", len(data)) + data
        self._strings += bytes(-len(self._strings) % 4)
        return at

    def name_map(self) -> Properties:
        """The properties of the name-to-id map, once every name has been used."""
        return {
            1: (Type.LONG, 251),
            2: (Type.BINARY, b"".join(ident.bytes_le for ident in self._sets)),
            3: (Type.BINARY, self._entries),
            4: (Type.BINARY, self._strings),
        }


class _Layout:
    """Where each column stands in a row: four and eight bytes first, then one, then the bits of what is there."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns: list[Column] = [(ROW_ID, Type.LONG), (ROW_VERSION, Type.LONG), *columns]
        self._place: dict[Column, int] = {}
        at = 0
        for sizes in ({4, 8}, {1}):
            for column in self.columns:
                if self._size(column) in sizes:
                    self._place[column] = at
                    at += self._size(column)
            if sizes == {4, 8}:
                self._wide = at
        self._narrow = at
        self.row = at + -(-len(self.columns) // 8)

    @staticmethod
    def _size(column: Column) -> int:
        return {Type.BOOLEAN: 1, Type.TIME: 8, Type.LONG_LONG: 8}.get(column[1], 4)

    def pack(self, heap: _Heap, ident: int, values: Mapping[int, Value | None]) -> bytes:
        row = bytearray(self.row)
        given = {**values, ROW_ID: ident, ROW_VERSION: 1}
        for number, column in enumerate(self.columns):
            value = given.get(column[0])
            if value is not None:
                data = self._cell(heap, column, value)
                row[self._place[column] : self._place[column] + len(data)] = data
                row[self._narrow + number // 8] |= 0x80 >> (number % 8)
        return bytes(row)

    def _cell(self, heap: _Heap, column: Column, value: Value) -> bytes:
        here = inline(column[1], value)
        if here is not None:
            return here[: self._size(column)]
        data = encode(column[1], value)
        if self._size(column) == _WIDE_CELL:
            return data
        return struct.pack("<I", heap.add(data[:_MOST_ALLOCATION]) if data else 0)

    def describe(self, index: int, rows: int) -> bytes:
        """The table's header and its columns by tag (2.3.4.1 and .2)."""
        head = struct.pack(
            "<BBHHHHIII", _TABLE, len(self.columns), self._wide, self._wide, self._narrow, self.row, index, rows, 0
        )
        numbered = sorted((column, number) for number, column in enumerate(self.columns))
        return head + b"".join(
            struct.pack("<HHHBB", column[1], column[0], self._place[column], self._size(column), number)
            for column, number in numbered
        )
