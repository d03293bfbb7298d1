# SPDX-License-Identifier: GPL-2.0-only
"""Flattened device tree (Devicetree Specification v0.4, chapter 5) to a tree of nodes.

In: the bytes of a .dtb. Out: Tree, with nodes by path and by phandle. Independent of libfdt, which
the compiler uses. Holds: a malformed tree raises FdtError, nothing else.
"""

import struct

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9


class FdtError(Exception):
    """The bytes are not a device tree."""


class Node:
    """One node: `name` with unit address, `props` as name -> bytes, `children` in tree order."""

    def __init__(self, name, parent):
        self.name, self.parent = name, parent
        self.props, self.children = {}, []

    @property
    def path(self):
        if self.parent is None:
            return "/"
        return self.parent.path.rstrip("/") + "/" + self.name

    @property
    def base(self):
        """Name without the unit address."""
        return self.name.split("@")[0]

    def has(self, prop):
        return prop in self.props

    def cells(self, prop):
        """The property as 32-bit big-endian cells; a rest of fewer than four bytes is dropped."""
        data = self.props.get(prop, b"")
        return list(struct.unpack(">%dI" % (len(data) // 4), data[: len(data) // 4 * 4]))

    def cell(self, prop, default=None):
        cells = self.cells(prop)
        return cells[0] if cells else default

    def strings(self, prop):
        data = self.props.get(prop, b"")
        return [s.decode("latin-1") for s in data.split(b"\0")[:-1]] if data else []

    def string(self, prop, default=None):
        strings = self.strings(prop)
        return strings[0] if strings else default

    @property
    def compatible(self):
        return self.strings("compatible")

    @property
    def own_status(self):
        """okay unless `status` says otherwise (section 2.3.4)."""
        return self.string("status", "okay") in ("okay", "ok")

    @property
    def enabled(self):
        """Is the node and every ancestor okay?"""
        return self.own_status and (self.parent is None or self.parent.enabled)

    @property
    def address_cells(self):
        """For the children's addresses (2 when not stated, section 2.3.5)."""
        return self.cell("#address-cells", 2)

    @property
    def size_cells(self):
        return self.cell("#size-cells", 1)

    def walk(self):
        """The node and all below it, in tree order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.children))

    def ancestors(self):
        """The parent, its parent, ..., the root."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Tree:
    """A device tree: `root`, `reserved` (the /memreserve/ entries as (address, size))."""

    def __init__(self, root, reserved):
        self.root, self.reserved = root, reserved
        self._phandles, self._paths = {}, {}
        for node in root.walk():
            handle = node.cell("phandle", node.cell("linux,phandle"))
            if handle is not None:
                self._phandles.setdefault(handle, node)
            self._paths.setdefault(node.path, node)

    def phandle(self, value):
        return self._phandles.get(value)

    def node(self, path):
        return self._paths.get(path)

    def walk(self):
        return self.root.walk()


def number(cells):
    """A list of cells as one big-endian number of any width."""
    value = 0
    for cell in cells:
        value = value << 32 | cell
    return value


def tuples(cells, *widths):
    """Cut cells into entries of numbers of the given widths; an incomplete last one is dropped."""
    step, out = sum(widths), []
    if step == 0:
        return out
    for start in range(0, len(cells) - step + 1, step):
        entry, at = [], start
        for width in widths:
            entry.append(number(cells[at : at + width]))
            at += width
        out.append(tuple(entry))
    return out


def _read_reserved(data, off):
    entries = []
    while True:
        address, size = struct.unpack_from(">QQ", data, off)
        if address == 0 and size == 0:
            return entries
        entries.append((address, size))
        off += 16


def _text(data, off):
    end = data.find(b"\0", off)
    if end < 0:
        raise FdtError("string at %#x has no end" % off)
    return data[off:end].decode("latin-1")


def _read_struct(data, off, strings):
    root, node = None, None
    while True:
        (token,) = struct.unpack_from(">I", data, off)
        off += 4
        if token == BEGIN_NODE:
            name = _text(data, off)
            off = (off + len(name) + 4) & ~3
            child = Node(name, node)
            if node is not None:
                node.children.append(child)
            elif root is not None:
                raise FdtError("two root nodes")
            else:
                root = child
            node = child
        elif token == END_NODE:
            if node is None:
                raise FdtError("end of a node that has not begun, at %#x" % (off - 4))
            node = node.parent
        elif token == PROP:
            length, name_off = struct.unpack_from(">II", data, off)
            off += 8
            if node is None or off + length > len(data):
                raise FdtError("misplaced or overlong property at %#x" % (off - 12))
            node.props[_text(data, strings + name_off)] = data[off : off + length]
            off = (off + length + 3) & ~3
        elif token == END:
            if root is None or node is not None:
                raise FdtError("structure block ends inside a node")
            return root
        elif token != NOP:
            raise FdtError("token %#x at %#x" % (token, off - 4))


def parse(data):
    """The tree in the bytes of a .dtb (versions 16 and 17)."""
    try:
        magic, _total, off_struct, off_strings, off_reserved, version, last = struct.unpack_from(
            ">7I", data
        )
        if magic != MAGIC:
            raise FdtError("magic %#x" % magic)
        if version < 16 or last > 17:
            raise FdtError("version %d, compatible down to %d" % (version, last))
        root = _read_struct(data, off_struct, off_strings)
        return Tree(root, _read_reserved(data, off_reserved))
    except struct.error as err:
        raise FdtError("truncated: %s" % err) from None


def load(path):
    """The tree in the file."""
    with open(path, "rb") as file:
        return parse(file.read())
