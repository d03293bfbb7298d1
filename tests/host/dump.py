# SPDX-License-Identifier: GPL-2.0-only
"""Reads what `cellc tree` prints into plain lists and dicts."""


def _pair(words):
    return [int(words[0], 16), int(words[1], 16)]


def _irq(words):
    entry = {"type": words[0], "intid": int(words[1]), "flags": int(words[3]), "via": None}
    for key, value in zip(words[4::2], words[5::2]):
        entry[key] = value
    return entry


def _node_line(words):
    flags = words[2 : words.index("ref")]
    return {"role": words[1], "flags": set(flags), "ref": words[-1], "reg": [], "irq": [],
            "stream": [], "window": [], "uses": [], "pci": None, "missing": None, "dma": []}


def _node_fact(node, key, words):
    if key == "reg":
        node["reg"].append(_pair(words[1:3]))
    elif key == "irq":
        node["irq"].append(_irq(words))
    elif key == "irq-missing":
        node["missing"] = " ".join(words)
    elif key == "stream":
        node["stream"].append((int(words[0], 16), int(words[2], 16), words[3]))
    elif key == "window":
        node["window"].append((int(words[0]), int(words[1], 16), int(words[3], 16),
                               int(words[4], 16), "prefetchable" in words))
    elif key == "pci":
        node["pci"] = words
    elif key == "dma-range":
        node["dma"].append((int(words[0], 16), int(words[2], 16), int(words[3], 16)))
    elif key == "uses":
        node["uses"].append(tuple(words))


def parse(text):
    """The dump as {"arch": ..., "cpus": [...], "nodes": {path: {...}}, ...}."""
    out = {"arch": None, "cpus": [], "ram": [], "reserved": [], "gic": None, "nodes": {},
           "iommus": [], "psci": None, "timer": None, "stdout": None, "disabled-cpus": 0}
    inner = None
    for text_line in text.splitlines():
        key, _, rest = text_line.strip().partition(" ")
        words = rest.split()
        if text_line.startswith("  "):
            if inner is out["gic"]:
                inner.setdefault(key, []).append([int(w, 16) for w in words])
            else:
                _node_fact(inner, key, words)
        elif key == "node":
            inner = out["nodes"][words[0]] = _node_line(words)
        elif key == "gic":
            inner = out["gic"] = {"version": int(words[0]), "maintenance": int(words[2]),
                                  "alias": "alias-64k" in words, "path": words[-1]}
        elif key == "cpu":
            out["cpus"].append({"mpidr": int(words[2], 16), "cluster": int(words[4]),
                                "core": int(words[6]), "cache": words[8], "method": words[10],
                                "path": words[11]})
        elif key in ("ram", "reserved"):
            out[key].append(_pair(words))
        elif key == "iommu":
            out["iommus"].append((int(words[0]), words[-1]))
        elif key in ("psci", "timer"):
            out[key] = words
        elif key in ("arch", "stdout", "disabled-cpus"):
            out[key] = int(rest) if key == "disabled-cpus" else rest
    return out
