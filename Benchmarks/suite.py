# SPDX-License-Identifier: Apache-2.0
"""Attune beside what is used today, one job a row: `suite.py ROW… --work DIR`, after `suite.py prepare …` once.

Rows: 1 embeddings; 2 the same in 8 bits; 3 latency; 4 start, memory and size; 5 training; 6 the same with narrow products;
7 epochs of real texts; 8 tokenizers; 9 a table of reviews; 10 a table of 1 GB, for its memory; 11 masked-token pretraining.

`--record` keeps what a row found in results/, of which `suite.py report` makes RESULTS.md.
"""
import argparse
import importlib
import os
import sys
from pathlib import Path

import recording

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / ".build/release"
ROWS = {
    1: "embedding", 2: "embedding", 3: "latency", 4: "starting", 5: "training", 6: "training", 7: "epochs", 8: "tokenizing",
    9: "tables", 10: "large_table", 11: "pretraining"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="+", metavar="row", help="numbers of rows, or 'prepare' or 'report'")
    parser.add_argument("--work", help="folder of models and texts that 'prepare' makes")
    parser.add_argument("--model", help="prepare: folder of all-MiniLM-L6-v2")
    parser.add_argument("--reviews", help="prepare: CSV of reviews with the columns text and label, gzip or not")
    parser.add_argument("--phrases", help="prepare: CSV of short texts with these columns")
    parser.add_argument("--validation", help="prepare: CSV of short texts to validate with")
    parser.add_argument("--french", help="prepare: file of English, a tab and French on each line")
    parser.add_argument("--rounds", type=int, help="turns of each contestant (default: as the row's noise needs)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", type=int, help="texts, rows, steps or megabytes of a turn (default: some seconds of work)")
    parser.add_argument("--shapes", nargs="+", help="rows 5, 6, 7 and 11: these sizes alone")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--record", action="store_true", help="keep what the rows find in results/")
    parser.add_argument("--json", help="file that gets what the row finds")
    parser.add_argument("--profile", action="store_true", help="also where Attune's time goes, by Linux perf")
    parser.add_argument("--accuracy", action="store_true", help="row 6: compare accuracy over three seeds instead of speed")
    parser.add_argument("--bench", default=str(BUILT / "attune-bench"))
    parser.add_argument("--attune", default=str(BUILT / "attune"))
    parser.add_argument("--python", default=sys.executable, help="a Python with the peers")
    return parser.parse_args()


def command(row, options):
    """As a reader would type it."""
    words = ["python3 Benchmarks/suite.py", str(row), "--work WORK"]
    for name, usual in [("rounds", None), ("threads", 2), ("texts", None)]:
        if getattr(options, name) != usual:
            words.append(f"--{name} {getattr(options, name)}")
    if options.shapes:
        words.append("--shapes " + " ".join(options.shapes))
    if options.launcher:
        words.append(f'--launcher "{options.launcher}"')
    return " ".join(words + [f"--{name}" for name in ("profile", "accuracy") if getattr(options, name)])


def run_row(row, options):
    """-> what is wrong with its results, if anything"""
    own = argparse.Namespace(**{**vars(options), "row": row})
    module = importlib.import_module(f"rows.{ROWS[row]}")
    section = recording.measured_section(command(row, options), lambda: module.run(own))
    if options.record:
        recording.record(f"row-{row}" + ("-accuracy" if options.accuracy else ""), section)
    if options.json:
        recording.write(options.json, section)
    return section.get("failure")


def main():
    options = arguments()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if options.rows == ["report"]:
        recording.report()
        return
    if not options.work:
        sys.exit("--work is missing")
    if options.rows == ["prepare"]:
        importlib.import_module("rows.prepare").run(options)
        return
    unknown = [row for row in options.rows if not row.isdigit() or int(row) not in ROWS]
    if unknown:
        sys.exit(f"row {unknown[0]}: expected 'prepare', 'report' or some of {', '.join(map(str, ROWS))}")
    if options.json and len(options.rows) > 1:
        sys.exit("--json is for one row; --record keeps several")
    failures = []
    for row in map(int, options.rows):
        try:
            failures.append(run_row(row, options))
        except SystemExit as failure:
            failures.append(f"row {row}: {failure}")
            print(failures[-1], file=sys.stderr)
    sys.exit("\n".join(filter(None, failures)) or 0)


main()
