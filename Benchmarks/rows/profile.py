# SPDX-License-Identifier: Apache-2.0
"""Where the time of one of our runs goes, by Linux perf: samples of the processors' time, summed by what was done."""
import collections
import os
import re
import shutil
import subprocess
import tempfile

from turns import table

# What a function does; the innermost one of a sample that says it counts. Tiles multiply for linear maps and for attention.
PARTS = [
    ("attention: products", r"^(small_product|multiply_strip|attune_small_gemm|attend_one)"),
    ("attention: softmax", r"^(attention_|softmax|attune_attention|attune_softmax)|AttentionKernel"),
    ("rounding of states", r"quantize"),
    ("linear maps", r"^(packed_product|blocked_product|bfloat_|int8_|int16_|dot_tile|multiply_(panels|block|one)|pack$)|gemm|[Ll]inear"),
    ("activations", r"activate|gelu"),
    ("norms", r"layer_norm|[Nn]ormalized"),
    ("dropout", r"dropout|attune_random"),
    ("optimizer", r"adamw|AdamW|sum_of_squares"),
    ("loss", r"cross_entropy|log_sum_exp"),
    ("rows of tables", r"gather_rows|scatter|segment_"),
    ("sums", r"^(add|add_scaled|sum|scale|column_sums|sum_rows|convert_to_\w+)$"),
    ("tokenisation", r"AttuneTokenizers|Unicode|WordPiece"),
    ("files", r"AttuneData|AttuneFormats|AttuneCheckpoints|^(inflate|deflate|read|write|__libc_read|__libc_write)"),
    ("memory", r"malloc|free|memset|memcpy|memmove|clear_page|page_fault|swift_(retain|release|alloc|dealloc)"),
    ("starting", r"^(_dl_|do_lookup|dl_|elf_|_dlerror|ld-linux)|swift_getTypeByMangled|swift_conformsToProtocol|truncatedNormal|TensorV5drawn"),
]
WAITING = r"^(finish_task_switch|__schedule|schedule|wait_for_change|run_worker|attune_parallel|__sched_yield|sched_yield|futex|syscall)"


def part_of(frames):
    """Of one sample, whose innermost function comes first."""
    if re.search(WAITING, frames[0]):
        return "waiting for threads"
    for frame in frames:
        for name, pattern in PARTS:
            if re.search(pattern, frame):
                return name
    return "the kernel" if frames[0] == "[kernel]" else "rest"


def samples(text):
    """The functions of each sample in `perf script`'s output."""
    for block in text.split("\n\n"):
        frames = []
        for line in block.splitlines():
            found = re.match(r"\s+([0-9a-f]+) (.*)", line)
            if found:
                frames.append("[kernel]" if found[1].startswith("ffffffff") and found[2] == "[unknown]" else found[2])
        if frames:
            yield frames


def profile(command, options, times=1):
    """Prints and returns the shares of so many runs of a command; nothing where perf is missing."""
    if not shutil.which("perf"):
        print("No profile: perf is not installed.\n")
        return None
    again = ["sh", "-c", f'for time in $(seq {times}); do "$@" || exit 1; done', "sh"] if times > 1 else []
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        subprocess.run(
            ["perf", "record", "-q", "-g", "-F", "997", "-e", "cpu-clock", "-o", data, *options.launcher.split(), *again, *command],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = subprocess.run(
            ["perf", "script", "-i", data, "--no-inline", "-F", "comm,ip,sym"], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, errors="replace").stdout
    parts, functions = collections.Counter(), collections.Counter()
    for frames in samples(text):
        parts[part_of(frames)] += 1
        functions[frames[0]] += 1
    whole = max(1, sum(parts.values()))
    shares = {name: 100 * count / whole for name, count in parts.most_common()}
    print(f"Where Attune's processor time goes, {whole:,} samples:\n")
    table(["part", "share of the time"], [[name, f"{value:.1f} %"] for name, value in shares.items() if value >= 0.05])
    return {"parts": shares, "functions": {name: 100 * count / whole for name, count in functions.most_common(25)}}
