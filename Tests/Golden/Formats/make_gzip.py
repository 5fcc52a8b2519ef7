# SPDX-License-Identifier: Apache-2.0
"""Packs one text in every way that deflate and gzip know; writes gzip/*.gz and gzip.json.

Usage: python3 make_gzip.py    (CPython's gzip and zlib; the folder of the script is the target)
"""
import gzip
import hashlib
import json
import pathlib
import random
import struct
import zlib

HERE = pathlib.Path(__file__).parent
OUT = HERE / "gzip"
OUT.mkdir(exist_ok=True)

random.seed(7)
WORDS = ["".join(random.choice("abcdefghijklmnopqrstuvwxyzéß") for _ in range(random.randint(1, 9)))
         for _ in range(400)]
TEXT = " ".join(random.choice(WORDS) for _ in range(9000)).encode()
NOISE = random.randbytes(6000)
# 40,000 bytes apart: farther than a match reaches, and 32,768 exactly.
FAR = NOISE[:64] + bytes(32704) + NOISE[:64] + bytes(40000) + NOISE[:64]


def member(data, level=6, strategy=zlib.Z_DEFAULT_STRATEGY, flags=0, header=b"", memory=8):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, memory, strategy)
    body = packer.compress(data) + packer.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff" + header
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


FILES = {
    "empty": (member(b""), b""),
    "one-byte": (member(b"a"), b"a"),
    "level1": (gzip.compress(TEXT, 1, mtime=0), TEXT),
    "level9": (gzip.compress(TEXT, 9, mtime=0), TEXT),
    "stored": (member(TEXT + NOISE, 0), TEXT + NOISE),
    "fixed": (member(TEXT[:5000], 6, zlib.Z_FIXED), TEXT[:5000]),
    "huffman-only": (member(TEXT[:9000], 6, zlib.Z_HUFFMAN_ONLY), TEXT[:9000]),
    "runs": (member(b"ab" * 500 + bytes(200000) + b"x", 9, zlib.Z_RLE),
             b"ab" * 500 + bytes(200000) + b"x"),
    "small-blocks": (member(TEXT, 6, memory=1), TEXT),
    "far": (member(FAR, 9), FAR),
    "noise": (member(NOISE), NOISE),
    "all-fields": (member(TEXT[:300], flags=2 | 4 | 8 | 16,
                          header=b"\x05\0extra" + b"name.txt\0" + b"a comment\0"), TEXT[:300]),
    "members": (member(TEXT[:1000]) + member(b"") + member(TEXT[1000:2000], 0), TEXT[:2000]),
    "padded": (member(TEXT[:100]) + bytes(600), TEXT[:100]),
}

index = {}
for name, (packed, data) in FILES.items():
    assert gzip.decompress(packed) == data
    (OUT / f"{name}.gz").write_bytes(packed)
    index[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
(HERE / "gzip.json").write_text(json.dumps(index, indent=2) + "\n")
