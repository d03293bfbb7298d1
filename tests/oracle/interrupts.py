# SPDX-License-Identifier: GPL-2.0-only
"""Interrupts of device-tree nodes, down to the lines of the GIC that they arrive on.

In: a flattree.Tree. Out: for a node the lines ({intid, type, via}) and, for what no GIC line can be
stated from the tree alone, a reason. Devicetree Specification v0.4 section 2.4 (interrupt parents,
extended interrupts, nexus maps); where it is silent, what the kernel's of/irq.c does.
Holds: every specifier ends as at least one line or one reason.
"""

import flattree

GIC_V2 = {
    "arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a9-gic", "arm,cortex-a7-gic",
    "arm,cortex-a5-gic", "arm,arm11mp-gic", "arm,eb11mp-gic", "arm,tc11mp-gic", "arm,pl390",
    "arm,arm1176jzf-devchip-gic", "qcom,msm-8660-qgic", "qcom,msm-qgic2", "hisilicon,hip04-intc",
}
GIC_V3 = {"arm,gic-v3", "qcom,msm8996-gic-v3"}

# First cell of a GIC specifier: type, INTID of number 0 (GIC architecture, INTID ranges).
GIC_TYPES = {0: ("spi", 32), 1: ("ppi", 16), 2: ("espi", 4096), 3: ("eppi", 1056)}

# Controllers that have an interrupt of their own and yet hand GIC specifiers through unchanged.
PASS_THROUGH = ("-gpc", "-r-intc")

# Controllers whose inputs take the form of GIC specifiers but are routed at run time.
ROUTERS = ("ti,irq-crossbar",)

# Maps in which no parent unit address stands, whatever the parent's #address-cells says (the
# controllers whose drivers read interrupt-map themselves, kernel of/irq.c).
NO_PARENT_UNIT = {
    "fsl,ls1021a-extirq", "fsl,ls1043a-extirq", "fsl,ls1088a-extirq", "renesas,rza1-irqc",
    "realtek,rtl-intc",
}


def is_gic(node):
    return bool((GIC_V2 | GIC_V3) & set(node.compatible))


def line(kind, intid, via=()):
    return {"intid": intid, "type": kind, "via": list(via)}


class Resolver:
    """Resolves interrupts in one tree against one GIC node (None: the tree has no GIC)."""

    def __init__(self, tree, gic):
        self.tree, self.gic = tree, gic

    # Interrupt parents

    def parent_of(self, node):
        """The interrupt parent: the next node up, by `interrupt-parent` or the tree, that has
        #interrupt-cells."""
        seen = set()
        while node is not None and node not in seen:
            seen.add(node)
            handle = node.cell("interrupt-parent")
            node = node.parent if handle is None else self.tree.phandle(handle)
            if node is not None and node.has("#interrupt-cells"):
                return node
        return None

    # Specifiers of a node

    def specifiers(self, node):
        """(controller or None, specifier cells, reason) for each interrupt of the node."""
        if node.has("interrupts-extended"):
            return self._extended(node)
        if not node.has("interrupts"):
            return []
        parent = self.parent_of(node)
        if parent is None:
            return [(None, [], "no interrupt parent")]
        width = parent.cell("#interrupt-cells", 0)
        if width == 0:
            return [(None, [], "%s has no interrupt cells" % parent.path)]
        cells = node.cells("interrupts")
        starts = range(0, len(cells) - width + 1, width)
        return [(parent, cells[at : at + width], None) for at in starts]

    def _extended(self, node):
        cells, at, out = node.cells("interrupts-extended"), 0, []
        while at < len(cells):
            handle = cells[at]
            at += 1
            if handle in (0, 0xFFFFFFFF):       # an entry left empty
                continue
            parent = self.tree.phandle(handle)
            if parent is None or not parent.has("#interrupt-cells"):
                out.append((None, [], "phandle %#x is no interrupt controller" % handle))
                break
            width = parent.cell("#interrupt-cells", 0)
            if at + width > len(cells):
                out.append((None, [], "specifier for %s is cut short" % parent.path))
                break
            out.append((parent, cells[at : at + width], None))
            at += width
        return out

    # Lines

    def of(self, node):
        """(lines, reasons) for the node's own interrupts and, for a PCI host, of its INTx map."""
        lines, reasons = [], []
        unit = node.cells("reg")
        for parent, spec, reason in self.specifiers(node):
            if parent is None:
                reasons.append(reason)
            else:
                self._follow(parent, unit, spec, [], lines, reasons)
        if node.string("device_type") == "pci" and node.has("interrupt-map"):
            for _unit, _spec, parent, parent_unit, parent_spec in self.map_entries(node, None):
                via = [node]
                if parent is node:              # INTx handled by the host's own interrupts
                    continue
                self._follow(parent, parent_unit, parent_spec, via, lines, reasons)
        return _unique(lines), sorted(set(reasons))

    def _follow(self, parent, unit, spec, via, lines, reasons, unit_cells=None):
        """Add the GIC lines behind specifier `spec` at `parent` for a child with address `unit`."""
        if parent is self.gic and not (parent.has("interrupt-map")):
            self._gic_line(spec, via, lines, reasons)
        elif parent in via and not parent.has("interrupt-controller") or len(via) > 16:
            reasons.append("interrupt routing loops at %s" % parent.path)
        elif parent.has("interrupt-map") and parent not in via:
            self._through_map(parent, unit, spec, via, lines, reasons, unit_cells)
        elif not parent.enabled:
            reasons.append("controller %s is disabled" % parent.path)
        else:
            self._through_controller(parent, spec, via, lines, reasons)

    def _gic_line(self, spec, via, lines, reasons):
        if len(spec) < 3 or spec[0] not in GIC_TYPES:
            reasons.append("GIC specifier %s" % " ".join("%#x" % c for c in spec))
            return
        kind, base = GIC_TYPES[spec[0]]
        if kind == "ppi" and spec[1] > 15:      # Linux's drivers add 16, and the INTID counts
            kind = "spi"
        lines.append(line(kind, base + spec[1], [n.path for n in via]))

    # Nexus nodes (section 2.4.3)

    def map_entries(self, nexus, unit_cells):
        """(child unit, child specifier, parent, parent unit, parent specifier) of interrupt-map."""
        if unit_cells is None:
            unit_cells = self._unit_cells(nexus)
        cells, at = nexus.cells("interrupt-map"), 0
        width = unit_cells + nexus.cell("#interrupt-cells", 0)
        no_unit = bool(NO_PARENT_UNIT & set(nexus.compatible))
        while at + width < len(cells):
            child = cells[at : at + width]
            parent = self.tree.phandle(cells[at + width])
            at += width + 1
            if parent is None:
                return
            parent_units = 0 if no_unit else parent.cell("#address-cells", 0)
            parent_width = parent_units + parent.cell("#interrupt-cells", 0)
            if at + parent_width > len(cells):
                return
            target = cells[at : at + parent_width]
            at += parent_width
            yield (child[:unit_cells], child[unit_cells:], parent,
                   target[:parent_units], target[parent_units:])

    @staticmethod
    def _unit_cells(nexus):
        """#address-cells that holds for a nexus: its own, or that of the next node up."""
        node = nexus
        while node is not None:
            if node.has("#address-cells"):
                return node.cell("#address-cells", 0)
            node = node.parent
        return 2

    def _through_map(self, nexus, unit, spec, via, lines, reasons, unit_cells):
        if unit_cells is None:
            unit_cells = self._unit_cells(nexus)
        key = (unit + [0] * unit_cells)[:unit_cells] + spec
        mask = nexus.cells("interrupt-map-mask") or [0xFFFFFFFF] * len(key)
        mask += [0] * (len(key) - len(mask))
        for m_unit, m_spec, parent, p_unit, p_spec in self.map_entries(nexus, unit_cells):
            entry = m_unit + m_spec
            if all(a & m == b & m for a, b, m in zip(key, entry, mask)):
                self._follow(parent, p_unit, p_spec, via + [nexus], lines, reasons,
                             parent.cell("#address-cells", 0))
                return
        reasons.append("no entry in interrupt-map of %s" % nexus.path)

    # Cascaded controllers

    def _through_controller(self, node, spec, via, lines, reasons):
        names = node.compatible
        if node in via[:-1]:
            reasons.append("interrupt routing loops at %s" % node.path)
        elif any(name in ROUTERS for name in names):
            reasons.append("%s routes at run time" % node.path)
        elif "qcom,pdc" in names:
            self._through_pdc(node, spec, via, lines, reasons)
        elif self._hands_through(node):
            self._follow(self.parent_of(node), [], spec, via + [node], lines, reasons)
        else:
            self._own_lines(node, via, lines, reasons)

    def _hands_through(self, node):
        """Does the controller take its parent's specifiers and pass them on?"""
        if node.cell("#interrupt-cells") != 3 or self.parent_of(node) is None:
            return False
        if self.parent_of(node).cell("#interrupt-cells", 0) < 3:
            return False
        if node.has("interrupts") or node.has("interrupts-extended"):
            return any(name.endswith(PASS_THROUGH) for name in node.compatible)
        return True

    def _through_pdc(self, node, spec, via, lines, reasons):
        """qcom,pdc: pins to SPIs by <first pin, first SPI, count>."""
        for pin, spi, count in flattree.tuples(node.cells("qcom,pdc-ranges"), 1, 1, 1):
            if pin <= spec[0] < pin + count:
                lines.append(line("spi", 32 + spi + spec[0] - pin, [n.path for n in via + [node]]))
                return
        reasons.append("pin %d of %s has no GIC line" % (spec[0], node.path))

    def _own_lines(self, node, via, lines, reasons):
        """All lines that the controller drives: its own interrupts, else those of the device it is
        part of (a GPIO bank below its pin controller)."""
        for driver in [node] + list(node.ancestors()):
            found = self.specifiers(driver)
            if found:
                break
        else:
            reasons.append("%s states no line to the GIC" % node.path)
            return
        for parent, spec, reason in found:
            if parent is None:
                reasons.append(reason)
            elif parent is node or parent in via:
                reasons.append("interrupt routing loops at %s" % node.path)
            else:
                self._follow(parent, driver.cells("reg"), spec, via + [node], lines, reasons)


def _unique(lines):
    seen, out = set(), []
    for entry in lines:
        if entry["intid"] not in seen:
            seen.add(entry["intid"])
            out.append(entry)
    return out


# Lines that are handed out at run time

def _spans(cells):
    return [(base, count) for base, count in flattree.tuples(cells, 1, 1)]


def _v2m(node):
    base, count = node.cell("arm,msi-base-spi"), node.cell("arm,msi-num-spis")
    return [(base, count)] if base is not None and count is not None else []


def _alpine(node):
    base, count = node.cell("al,msi-base-spi"), node.cell("al,msi-num-spis")
    return [(32 + base, count)] if base is not None and count is not None else []


def _crossbar(node):
    taken = set(node.cells("ti,irqs-reserved")) | set(node.cells("ti,irqs-skip"))
    count = min(node.cell("ti,max-irqs", 0), 988)
    return [(32 + spi, 1) for spi in range(count) if spi not in taken]


# compatible -> ranges (first INTID, count) of the SPIs that the provider may raise. The bindings
# differ in whether they count INTIDs (v2m, GICP, MBI, ODMI, TI interrupt router) or SPIs.
PROVIDERS = {
    "arm,gic-v2m-frame": _v2m,
    "arm,gic-v3": lambda node: _spans(node.cells("mbi-ranges")),
    "al,alpine-msix": _alpine,
    "marvell,ap806-gicp": lambda node: _spans(node.cells("marvell,spi-ranges")),
    "marvell,odmi-controller": lambda node: [(base, 8) for base in node.cells("marvell,spi-base")],
    "ti,sci-intr": lambda node: [
        (base, count)
        for _out, base, count in flattree.tuples(node.cells("ti,interrupt-ranges"), 1, 1, 1)
    ],
    "ti,irq-crossbar": _crossbar,
    "amlogic,meson-gpio-intc": lambda node: [
        (32 + spi, 1) for spi in node.cells("amlogic,channel-interrupts")
    ],
}


def dynamic(tree):
    """Providers of SPIs that are handed out at run time: [{path, ranges: [[first, count]]}]."""
    out = []
    for node in tree.walk():
        for name in node.compatible:
            if name in PROVIDERS and node.enabled:
                ranges = PROVIDERS[name](node)
                if ranges:
                    out.append({"path": node.path, "ranges": [list(r) for r in ranges]})
                break
    return out
