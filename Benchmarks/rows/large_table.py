# SPDX-License-Identifier: Apache-2.0
"""Row 10: memory while a CSV of 1 GB is labelled by the model that is compiled in.

The program's resident memory is looked at while it reads, and told beside how much it has read. Reviews one by one would take half an
hour: a row is 16 of them, of which the model sees the beginning and the tokenizer all. A smaller table of single reviews stands
beside it, since other rows could need other memory.
"""
import os
import subprocess
import sys
import tempfile
import time

from turns import apart, heading, number, table

from rows.prepare import read, write_table

SINGLE = 50  # megabytes of the table of single reviews
JOINED = 16  # reviews in a row of the large one
MOST_GROWTH = 1.1  # of memory after the first tenth of the table


def resident(process):
    """MiB that a running process holds and has held at most, and the bytes that it has read; None where that is not told or over."""
    try:
        with open(f"/proc/{process}/status", encoding="utf-8") as lines:
            words = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
        with open(f"/proc/{process}/io", encoding="utf-8") as lines:
            read_bytes = int(next(lines).split()[1])
        return int(words["VmRSS"]) / 1024, int(words["VmHWM"]) / 1024, read_bytes
    except (OSError, KeyError, StopIteration):
        return None


def watched(command, options, folder):
    """Runs a program.  -> seconds, peak MiB, what it says, and its memory by the megabytes that it has read"""
    with open(os.path.join(folder, "errors"), "w+", encoding="utf-8") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(options.launcher.split() + command, stdout=subprocess.DEVNULL, stderr=errors)
        seen = []
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            found = resident(process.pid)
            if found:
                seen.append({"megabytes": found[2] / 1e6, "mib": found[0], "most_mib": found[1]})
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        words = errors.read().strip()
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{words}")
    return seconds, usage.ru_maxrss / 1024, words, seen


def at(seen, megabytes):
    """The last look before so much was read, if there was one about then."""
    look = next((look for look in reversed(seen) if look["megabytes"] <= megabytes), None)
    return look if look and look["megabytes"] >= 0.8 * megabytes else None


def make(work, path, joined, megabytes):
    """A table of so many megabytes, of the reviews again and again, so many in a row."""
    reviews = [text for part in range(4) for text, _ in read(os.path.join(work, f"reviews-{part}.csv"))]
    rows = [(" ".join(reviews[first:first + joined]), "0") for first in range(0, len(reviews), joined)]
    write_table(path, rows, megabytes * 1_000_000)


def label(options, joined, megabytes):
    """Makes a table, has it labelled, and removes it."""
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        path, output = os.path.join(folder, "large.csv"), os.path.join(folder, "labelled.csv")
        apart(make, options.work, path, joined, megabytes)
        command = [options.attune, "classify", "--input", path, "--output", output, "--threads", str(options.threads)]
        return watched(command, options, folder)


def run(options):
    options.rounds, megabytes = 1, options.texts or 1000
    heading("Row 10: memory on a large CSV, bundled classifier", options)
    result, lines = {"row": 10, "runs": {}}, []
    for joined, size in [(1, min(SINGLE, megabytes)), (JOINED, megabytes)]:
        name = "a review a row" if joined == 1 else f"{joined} reviews a row"
        seconds, peak, words, seen = label(options, joined, size)
        looks = {mark: at(seen, mark) for mark in (size * tenths / 10 for tenths in (1, 2, 4, 6, 8))}
        lines += [[name, number(mark), "", number(look["mib"]), number(look["most_mib"])] for mark, look in looks.items() if look]
        lines.append([name, number(size), f"{seconds:.0f} s", "", number(peak)])
        result["runs"][name] = {"megabytes": size, "seconds": seconds, "peak_mib": peak, "said": words, "looks": {
            f"{mark:g}": look for mark, look in looks.items()}}
    table(["table", "MB read", "time of all", "resident then, MiB", "most so far, MiB"], lines)
    for name, found in result["runs"].items():
        print(f"{name}, {found['megabytes'] / found['seconds']:.1f} MB/s; the program said: {found['said'] or 'nothing'}\n")
    large = result["runs"][f"{JOINED} reviews a row"]
    first = next(filter(None, large["looks"].values()), None)
    if first:
        result["growth"] = large["peak_mib"] / first["most_mib"]
        print(f"Memory at the end is {result['growth']:.2f} times that after the first tenth.\n")
        if result["growth"] > MOST_GROWTH:
            result["failure"] = f"row 10: memory grew {result['growth']:.2f} times, expected at most {MOST_GROWTH}"
    return result
