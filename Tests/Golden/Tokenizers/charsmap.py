# SPDX-License-Identifier: Apache-2.0
"""Builds the `precompiled_charsmap` of SentencePiece from rules: a double array over UTF-8, then the replacements."""
import struct


def trie_of(rules):
    root = {}
    for key, value in rules.items():
        node = root
        for byte in key.encode():
            assert byte, "a rule cannot hold NUL"
            node = node.setdefault(byte, {})
        node[0] = value
    return root


def double_array(rules, first_base):
    """rules: text -> offset of its replacement.  -> units of the array, darts-clone layout."""
    units, taken, bases = {0: 0}, {0}, set()
    waiting = [(0, trie_of(rules))]
    while waiting:
        position, node = waiting.pop()
        labels = sorted(node)
        base = first_base
        while base in bases or any(base ^ label in taken for label in labels):
            base += 1
        bases.add(base)
        offset = position ^ base
        extended = offset >= 1 << 21
        assert not extended or offset & 0xFF == 0
        units[position] |= (offset >> 8 << 10 | 1 << 9) if extended else offset << 10
        for label in labels:
            taken.add(base ^ label)
            if label:
                units[base ^ label] = label
                waiting.append((base ^ label, node[label]))
            else:
                units[position] |= 1 << 8
                units[base] = 1 << 31 | node[0]
    size = (max(units) | 0xFF) + 1
    # A free unit holds a label that never leads to it.
    return [units.get(index, 0x80000000) for index in range(size)]


def charsmap(rules, first_base=0):
    """rules: text -> replacement.  -> bytes

    Since 0.2.3 sentencepiece refuses arrays whose root has the base 0, which small ones then have: it wants first_base=1.
    """
    blob, offsets, keys = bytearray(), {}, {}
    for key, replacement in sorted(rules.items()):
        if replacement not in offsets:
            offsets[replacement] = len(blob)
            blob += replacement.encode() + b"\0"
        keys[key] = offsets[replacement]
    units = double_array(keys, first_base)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(blob)
