# SPDX-License-Identifier: Apache-2.0
"""Where the time of one of our runs goes, by Linux perf: samples of functions, summed by what they do."""
import os
import re
import shutil
import subprocess
import tempfile

from turns import table

PARTS = [
    ("attention: softmax", r"attention_softmax|attention_backward|attention_finish|attention_rescale"),
    ("attention: products", r"small_product|multiply_strip|pack_transposed|^tile_\d+_\d_(copied|transposed)$|attention_head"),
    ("rounding of states", r"quantize_quads|quantized"),
    ("linear maps", r"int8_|int8|packed_product|multiply_panels|multiply_block|blocked_product|short_|int16_|bfloat_|gemm|tile_|word"),
    ("activations", r"activate|gelu|map_"),
    ("norms", r"layer_norm|norm"),
    ("dropout", r"dropout|random"),
    ("optimizer", r"adamw"),
    ("tokenisation", r"Tokenizer|Unicode|UTF8|Normaliz|WordPiece|PieceTrie"),
    ("waiting for threads", r"wait_for_change|run_worker|pause|futex|sched"),
    ("memory", r"malloc|free|memset|memcpy|memmove|clear_page|page_fault|swift_(retain|release|alloc|dealloc)"),
]


def profile(command, options):
    """Prints and returns the shares; nothing where perf is missing."""
    if not shutil.which("perf"):
        print("No profile: perf is not installed.\n")
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        subprocess.run(
            ["perf", "record", "-q", "-F", "997", "-e", "cpu-clock", "-o", data, *options.launcher.split(), *command],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = subprocess.run(
            ["perf", "report", "-i", data, "--stdio", "--no-children", "-F", "overhead,sym", "-w", "10,200"],
            check=True, capture_output=True, text=True).stdout
    shares = {name: 0.0 for name, _ in PARTS} | {"rest": 0.0}
    functions = []
    for line in report.splitlines():
        found = re.match(r"\s*([\d.]+)%\s+\[.\]\s+(.*)", line.replace("[k]", "[.]"))
        if found:
            share, symbol = float(found[1]), found[2].strip()
            part = next((name for name, pattern in PARTS if re.search(pattern, symbol)), "rest")
            shares[part] += share
            functions.append((share, symbol))
    table(["part", "share of the time"], [[name, f"{share:.1f} %"] for name, share in shares.items() if share >= 0.05])
    return {"parts": shares, "functions": functions[:25]}
