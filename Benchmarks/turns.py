# SPDX-License-Identifier: Apache-2.0
"""Contestants that take turns, and what is said of them: medians, ranges, shares of the processor's peak, versions."""
import datetime
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version

HERE = os.path.dirname(os.path.abspath(__file__))


class Contestant:
    """A process that prints a line of JSON when it is ready, and one for each line that it is sent."""

    def __init__(self, name, command, options):
        self.name, self.results, self.peak = name, [], 0.0
        environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "RAYON_NUM_THREADS": str(options.threads)}
        self.process = subprocess.Popen(
            options.launcher.split() + command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment)
        self.ready = self.read()

    def read(self):
        # Libraries may print as well.
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        sys.exit(f"{self.name} ended: {' '.join(self.process.args)}")

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.results.append(self.read())

    def close(self):
        self.process.stdin.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        self.peak = usage.ru_maxrss / 1024

    def values(self, key):
        return [result[key] for result in self.results]


def run_turns(runs, rounds):
    """Turns of functions that return tokens and seconds among other things: what each returned, and tokens a second, by name.

    Whoever has less than half the speed of the best after a round has no further turn.
    """
    found, rates = {name: [] for name in runs}, {name: [] for name in runs}
    for turn in range(rounds):
        best = max((values[0] for values in rates.values() if values), default=0)
        for name, run in runs.items():
            if turn and rates[name][0] < best / 2:
                continue
            found[name].append(run())
            rates[name].append(found[name][-1]["tokens"] / found[name][-1]["seconds"])
    return found, rates


def started(commands, options):
    """A contestant for each name and command. Not every model compiles in every version: a compiled one may be missing, which is said."""
    found = []
    for name, command in commands.items():
        try:
            found.append(Contestant(name, command, options))
        except SystemExit as failure:
            if "compiled" not in name:
                raise
            print(f"Left out: {failure}\n", flush=True)
    return found


def take_turns(contestants, rounds):
    """Every round has a turn of each, so that a disturbance meets all; peak memory is known at the end."""
    for contestant in contestants:
        contestant.turn()
        contestant.results.clear()
    for _ in range(rounds):
        for contestant in contestants:
            contestant.turn()
    for contestant in contestants:
        contestant.close()
    return contestants


def measured(command, options):
    """Runs a program to its end.  -> output, seconds, peak MiB"""
    start = time.perf_counter()
    process = subprocess.Popen(
        options.launcher.split() + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{errors}")
    return output, time.perf_counter() - start, usage.ru_maxrss / 1024


def apart(function, *arguments):
    """Calls a function in a process of its own: Linux counts the memory of who starts a program among the program's."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)


def peaks(options):
    """Operations a second of each kind of number in registers alone, and of memory, as measured now."""
    output, _, _ = measured([options.bench, "peak", "--threads", str(options.threads)], options)
    return json.loads(output.strip().splitlines()[-1])


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def ranged(values):
    return f"{number(statistics.median(values))} | {number(min(values))} to {number(max(values))}"


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join(" --- " if index == 0 else " --: " for index in range(len(header))) + "|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def share(work, gops):
    """Operations a second beside what the processor reaches in registers."""
    part = 100 * work / (gops * 1e9)
    return f"{part:.0f} % of {number(gops)} GOP/s" if part >= 10 else f"{part:.2g} % of {number(gops)} GOP/s"


def verdict(ratio, wanted, name):
    """One line: how far from what is wanted."""
    words = "reached" if ratio >= wanted else f"missed by {(1 - ratio / wanted) * 100:.0f} %"
    print(f"Attune is {ratio:.2f} times {name}; wanted: {wanted:g} times: {words}.\n", flush=True)
    return {"ratio": ratio, "wanted": wanted, "best_peer": name, "reached": ratio >= wanted}


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} processors; {platform.system()} {platform.release()}"


def versions():
    names = ("torch", "transformers", "sentence-transformers", "onnxruntime", "ctranslate2", "tokenizers", "numpy")
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def own_version(options):
    """Of the program, and of the checkout that these scripts are from."""
    printed = subprocess.run([options.attune, "--version"], capture_output=True, text=True).stdout.strip()

    def git(*words):
        return subprocess.run(["git", "-C", HERE, *words], capture_output=True, text=True).stdout.strip()

    if not shutil.which("git") or not git("rev-parse", "--short", "HEAD"):
        return f"Attune {printed}"
    changed = " with changes" if git("status", "--porcelain", "--", "../Sources") else ""
    return f"Attune {printed} ({git('rev-parse', '--short', 'HEAD')}{changed})"


def heading(title, options):
    print(f"## {title}\n")
    words = ", ".join([own_version(options)] + [f"{name} {value}" for name, value in versions().items()])
    print(f"{datetime.date.today()}; {machine()}; load {os.getloadavg()[0]:.1f} before the run; {options.threads} threads; "
          f"{options.rounds} round{'s' if options.rounds > 1 else ''} in turns; launcher: {options.launcher or 'none'}.\n{words}; Python "
          f"{platform.python_version()}.\n", flush=True)
