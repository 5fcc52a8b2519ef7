# SPDX-License-Identifier: Apache-2.0
"""Attune beside what is used today, one job a row: `suite.py ROW --work DIR`, after `suite.py prepare …` once.

Rows: 1 embeddings; 2 the same in 8 bits; 3 latency; 4 start, memory and size; 5 training; 6 the same with narrow products;
7 epochs of real texts; 8 tokenizers; 9 a table of reviews; 10 a table of 1 GB, for its memory; 11 masked-token pretraining.
"""
import argparse
import contextlib
import importlib
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / ".build/release"
ROWS = {
    1: "embedding", 2: "embedding", 3: "latency", 4: "starting", 5: "training", 6: "training", 7: "epochs", 8: "tokenizing",
    9: "tables", 10: "tables", 11: "pretraining"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", help="a number, or 'prepare'")
    parser.add_argument("--work", required=True, help="folder of models and texts that 'prepare' makes")
    parser.add_argument("--model", help="prepare: folder of all-MiniLM-L6-v2")
    parser.add_argument("--reviews", help="prepare: CSV of reviews with the columns text and label, gzip or not")
    parser.add_argument("--phrases", help="prepare: CSV of short texts with these columns")
    parser.add_argument("--validation", help="prepare: CSV of short texts to validate with")
    parser.add_argument("--french", help="prepare: file of English, a tab and French on each line")
    parser.add_argument("--rounds", type=int, help="turns of each contestant (default: as the row's noise needs)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", type=int, help="texts or rows of a turn (default: some seconds of work)")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--json", help="file that gets the results, too")
    parser.add_argument("--profile", action="store_true", help="also where Attune's time goes, by Linux perf")
    parser.add_argument("--accuracy", action="store_true", help="row 6: compare accuracy over three seeds instead of speed")
    parser.add_argument("--bench", default=str(BUILT / "attune-bench"))
    parser.add_argument("--attune", default=str(BUILT / "attune"))
    parser.add_argument("--python", default=sys.executable, help="a Python with the peers")
    return parser.parse_args()


def main():
    options = arguments()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if options.row == "prepare":
        importlib.import_module("rows.prepare").run(options)
        return
    if not options.row.isdigit() or int(options.row) not in ROWS:
        sys.exit(f"row {options.row}: expected 'prepare' or one of {', '.join(map(str, ROWS))}")
    options.row = int(options.row)
    result = importlib.import_module(f"rows.{ROWS[options.row]}").run(options)
    if options.json:
        with contextlib.closing(open(options.json, "w", encoding="utf-8")) as output:
            json.dump(result, output, indent=1)


main()
