# SPDX-License-Identifier: Apache-2.0
"""Keeps what the rows print and find as JSON, and makes RESULTS.md of it.

`results/NAME.json` is what a command found last, with the machine, the versions and the command; `results/NAME.md`, where there is
one, says what a reader should know of it: what was tried, what the limit is.
"""
import contextlib
import datetime
import io
import json
import os
import platform
import re
import resource
import sys
from pathlib import Path

from turns import machine, versions

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
TITLE = """# Results

What the commands of the [suite](README.md) printed last, put together by `python3 Benchmarks/suite.py report` from `results/`. Each
part names its day, processor, versions and command; WORK is the folder that `prepare` made.
"""


class Both(io.TextIOBase):
    """Writes through to another stream and keeps a copy."""

    def __init__(self, other):
        self.other, self.kept = other, io.StringIO()

    def write(self, text):
        self.kept.write(text)
        self.other.write(text)
        # What waits to be written would be written again by processes that begin here.
        self.other.flush()
        return len(text)

    def flush(self):
        self.other.flush()


class ProcessorTime:
    """How busy the processors were, and whether by us; known on Linux alone."""

    def __init__(self):
        self.first = self.now()

    @staticmethod
    def now():
        if not os.path.exists("/proc/stat"):
            return None
        with open("/proc/stat", encoding="utf-8") as file:
            user, nice, system, idle, wait, interrupts, soft, stolen = map(int, file.readline().split()[1:9])
        ours = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        busy = (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
        return {
            "busy": busy, "stolen": stolen / os.sysconf("SC_CLK_TCK"), "all": busy + (idle + wait + stolen) / os.sysconf("SC_CLK_TCK"),
            "ours": sum(usage.ru_utime + usage.ru_stime for usage in ours)}

    def others(self):
        """Shares of the processors that other programs and other machines took since this was made."""
        last = self.now()
        if not last:
            return None
        spent = {key: last[key] - self.first[key] for key in last}
        whole = max(spent["all"], 0.01)
        return {"programs": max(0.0, spent["busy"] - spent["ours"]) / whole, "machines": spent["stolen"] / whole}


def measured_section(command, body):
    """Runs `body`, which prints and returns what it found.  -> that, with what was printed and where and when it ran"""
    time, printed = ProcessorTime(), Both(sys.stdout)
    with contextlib.redirect_stdout(printed):
        found = body()
        others = time.others()
        disturbed = "" if others is None else (
            f" Meanwhile other programs took {others['programs'] * 100:.0f} % of the processors' time, other machines "
            f"{others['machines'] * 100:.0f} %.")
        print(f"`{command}`.{disturbed}\n", flush=True)
    return {
        "command": command, "date": str(datetime.date.today()), "machine": machine(), "versions": versions(),
        "python": platform.python_version(), "taken_by_others": others, **found, "printed": printed.kept.getvalue().splitlines()}


def write(path, section):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(section, file, indent=1, ensure_ascii=False)
        file.write("\n")


def record(name, section):
    RESULTS.mkdir(exist_ok=True)
    write(RESULTS / f"{name}.json", section)


def order(name):
    """Rows by their numbers, then the rest by name."""
    row = re.match(r"row-(\d+)", name)
    return (0, int(row[1]), name) if row else (1, 0, name)


def verdicts(found, path=()):
    """All of a section: where they stand, and each."""
    if isinstance(found, dict):
        if {"ratio", "wanted", "reached"} <= found.keys():
            yield path, found
        for key, value in found.items():
            yield from verdicts(value, (*path, key))


def of(path):
    """Which of a row's cases a verdict is about, where the row has several."""
    return f"{path[1]}: " if len(path) > 1 and path[0] in ("shapes", "epochs") else ""


def overview(sections):
    lines = ["| Row | Attune is | Wanted | |", "| --- | --- | --: | --- |"]
    for name, section in sections.items():
        title = next((line.removeprefix("## ").removeprefix("Row ") for line in section["printed"] if line.startswith("## ")), name)
        for path, verdict in verdicts(section):
            lines.append(
                f"| {title} | {of(path)}{verdict['ratio']:.2f} times {verdict['best_peer']} | {verdict['wanted']:.3g} | "
                f"{'' if verdict['reached'] else 'missed'} |")
            title = ""
    return "\n".join(lines) + "\n"


def report():
    """RESULTS.md, of all that is in results/."""
    names = sorted({path.stem for path in RESULTS.glob("*.*") if path.suffix in (".json", ".md")}, key=order)
    sections, parts = {}, []
    for name in names:
        text, notes = "", RESULTS / f"{name}.md"
        if (RESULTS / f"{name}.json").exists():
            sections[name] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
            text = "\n".join(sections[name]["printed"]).strip() + "\n"
        if notes.exists():
            text += ("\n" if text else "") + notes.read_text(encoding="utf-8").strip() + "\n"
        parts.append(text)
    whole = "\n".join([TITLE, "## All at a glance\n", overview(sections), *parts])
    (HERE / "RESULTS.md").write_text(whole, encoding="utf-8")
    return whole
