# SPDX-License-Identifier: Apache-2.0
"""Whether pretraining pays: accuracy with few and many labels, by where a classifier starts.

    python3 Benchmarks/evidence.py --work WORK --model all-MiniLM-L6-v2 --vectors glove.6B.50d.txt.gz --texts imdb_unsup.txt.gz \\
      --imdb imdb_train.csv.gz --imdb-validation imdb_valid.csv.gz --imdb-test imdb_test_half.csv.gz \\
      --sst2 sst2_train_phrases.csv.gz --sst2-test sst2_dev.csv [--seeds 3] [--data imdb-100] [--ways scratch,pretrained]

Ways: scratch; vectors (tokens start from word vectors); pretrained (masked tokens of --texts, from nothing); minilm; adapted
(MiniLM continued on --texts); yardstick (logistic regression on words and word pairs). Data: imdb-100 and imdb-1000 (so many
labels, drawn anew by each seed, the same for all ways), imdb and sst2 (all labels; the seed is that of the training alone).

A cell is a training that never sees the test file, and `attune evaluate` on it. With few labels a tenth of them is the validation
set; on IMDB with all labels it is --imdb-validation, on SST-2 a share of the phrases. Each cell is a line of WORK/cells.jsonl;
what stands there with the same command is not made again, and what was interrupted goes on, so call it as often as you like.
`--print` shows the commands and does nothing. --train, --tune, --pretrain and --adapt change settings (`--tune "--epochs 1"`).

Processor time of a cell, as expected from the tokens and the speeds of RESULTS.md (two cores take half of it; products in int16):

    |            | model first | imdb-100, imdb-1000 | imdb    | sst2   |
    | yardstick  |             | seconds             | 1 min   | 10 s   |
    | scratch    |             | seconds             | 5 min   | 2 min  |
    | vectors    |             | seconds             | 5 min   | 2 min  |
    | pretrained | 150 min     | 1 min, 4 min        | 45 min  | 4 min  |
    | minilm     |             | 2 min, 9 min        | 75 min  | 12 min |
    | adapted    | 90 min      | 2 min, 9 min        | 75 min  | 12 min |

and 2 to 6 minutes more to evaluate MiniLM on 12,403 reviews. Needs nothing but Python.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

from labelled import draw, rows
from turns import table

SIZES = {"imdb-100": 100, "imdb-1000": 1000, "imdb": None, "sst2": None}
WAYS = {
    "yardstick": "words and word pairs, logistic regression", "scratch": "from scratch", "vectors": "from word vectors",
    "pretrained": "masked tokens of the unlabelled reviews, from nothing", "minilm": "all-MiniLM-L6-v2",
    "adapted": "all-MiniLM-L6-v2, continued on the unlabelled reviews"}
# Five passes over 14 million tokens; MiniLM knows the language already.
PRETRAIN = {"pretrained": "--recipe mini --epochs 5", "adapted": "--epochs 1"}
# All of a long review is read: windows of as many tokens as the model has positions.
TUNE = {
    "pretrained": "--window 256 --learning-rate 2e-4 --epochs 4", "minilm": "--window 512 --learning-rate 1e-4 --epochs 2",
    "adapted": "--window 512 --learning-rate 1e-4 --epochs 2"}
TUNE_SHORT = {"pretrained": "--learning-rate 2e-4 --epochs 3", "minilm": "--epochs 2", "adapted": "--epochs 2"}
# With so few labels the recipe knows best; only the reading of long reviews is said.
TUNE_FEW = {"pretrained": "--window 256", "minilm": "--window 256", "adapted": "--window 256"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="folder of drawn tables, runs and cells.jsonl")
    parser.add_argument("--model", help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--vectors", help="word vectors in the format of GloVe")
    parser.add_argument("--texts", help="reviews without labels, one a line")
    parser.add_argument("--imdb", help="CSV with the columns text and label, as all the following")
    parser.add_argument("--imdb-validation")
    parser.add_argument("--imdb-test")
    parser.add_argument("--sst2")
    parser.add_argument("--sst2-test")
    parser.add_argument("--data", default=",".join(SIZES))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--pretrain", default="", help="more options of the pretraining from nothing; they win")
    parser.add_argument("--adapt", default="", help="more options of the pretraining that continues MiniLM; they win")
    parser.add_argument("--tune", default="", help="more options of every training that starts from a pretrained model; they win")
    parser.add_argument("--train", default="", help="more options of the other trainings; they win")
    parser.add_argument("--precision", default="int16")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n 19'")
    parser.add_argument("--attune", default="attune")
    parser.add_argument("--keep", action="store_true", help="keep the runs of cells that are done")
    parser.add_argument("--print", action="store_true", dest="only_print", help="show the commands alone")
    parser.add_argument("--table", action="store_true", help="show the table of what is done alone")
    options = parser.parse_args()
    for name, known in (("data", SIZES), ("ways", WAYS)):
        chosen = getattr(options, name).split(",")
        if unknown := [word for word in chosen if word not in known]:
            parser.error(f"--{name}: {', '.join(unknown)}; expected some of {', '.join(known)}")
        setattr(options, name, [word for word in known if word in chosen])
    needed = {"imdb", "imdb_test"} if any(data != "sst2" for data in options.data) else set()
    needed |= {"imdb_validation"} if "imdb" in options.data else set()
    needed |= {"sst2", "sst2_test"} if "sst2" in options.data else set()
    for way, names in {"vectors": ["vectors"], "pretrained": ["texts"], "minilm": ["model"], "adapted": ["model", "texts"]}.items():
        needed |= set(names) if way in options.ways else set()
    if missing := [name for name in sorted(needed) if not options.table and getattr(options, name) is None]:
        parser.error("missing " + ", ".join("--" + name.replace("_", "-") for name in missing))
    return options


def words_of(defaults, more):
    """Options as words; what is given again replaces what stands before."""
    chosen = {}
    for text in (defaults, more):
        name = None
        for word in shlex.split(text):
            if word.startswith("--"):
                name, chosen[word] = word, []
            else:
                chosen[name].append(word)
    lengths = ("--epochs", "--max-steps", "--budget")
    last = [name for name in chosen if name in lengths][-1:]
    return [word for name, values in chosen.items() if name not in lengths or name in last for word in [name, *values]]


class Evidence:
    def __init__(self, options):
        self.options, self.path = options, os.path.join(options.work, "cells.jsonl")
        self.common = ["--json", "--quiet", "--threads", options.threads]
        self.cells = {}
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as lines:
                for line in lines:
                    cell = json.loads(line)
                    self.cells[cell["data"], cell["way"], cell["seed"]] = cell

    def folder(self, *names):
        path = os.path.join(self.options.work, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def run(self, command, resumed_from=None):
        """Runs a command to its end and goes on with an interrupted run.  -> its document, processor seconds"""
        if resumed_from and os.path.exists(os.path.join(resumed_from, "run.json")):
            command = [*command, "--resume"]
        print("$", shlex.join(command), file=sys.stderr, flush=True)
        process = subprocess.Popen(self.options.launcher.split() + command, stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"ended with {process.returncode}: {shlex.join(command)}")
        return json.loads(output), usage.ru_utime + usage.ru_stime

    def table_of(self, data, seed):
        """The labelled texts, their validation and test file."""
        options = self.options
        if data == "sst2":
            return options.sst2, None, options.sst2_test
        if SIZES[data] is None:
            return options.imdb, options.imdb_validation, options.imdb_test
        path = self.folder("data", f"{data}-{seed}.csv")
        if not os.path.exists(path) and not options.only_print:
            draw(rows(options.imdb), SIZES[data] // 2, seed, path)
        return path, None, options.imdb_test

    def pretraining(self, way):
        """The command that makes the model that cells start from."""
        options, output = self.options, os.path.join(self.options.work, "models", way)
        start, more = (["--from", options.model], options.adapt) if way == "adapted" else ([], options.pretrain)
        return output, [
            options.attune, "pretrain", options.texts, *start, "--output", output, "--precision", options.precision,
            *words_of(PRETRAIN[way], more), *self.common]

    def commands(self, data, way, seed):
        """The training of a cell and its evaluation."""
        options = self.options
        labelled, validation, test = self.table_of(data, seed)
        run = self.folder("runs", f"{data}-{way}-{seed}")
        train = [options.attune, "train", "classifier", labelled, "--output", run]
        if way == "yardstick":
            # The yardstick is fitted beside any training: a step of the smallest one will do.
            small = "--layers 1 --dimension 32 --vocabulary 300 --max-length 16 --max-steps 1"
            return [[*train, "--validation", test, *shlex.split(small), *self.common]]
        train += ["--validation", validation] if validation else []
        settings = words_of("", options.train)
        if way == "vectors":
            train += ["--word-vectors", options.vectors]
        elif way != "scratch":
            train += ["--from", options.model if way == "minilm" else os.path.join(options.work, "models", way)]
            defaults = TUNE_SHORT if data == "sst2" else TUNE if SIZES[data] is None else TUNE_FEW
            settings = words_of(defaults[way], options.tune)
        train += ["--precision", options.precision, "--seed", str(seed), *settings, *self.common]
        return [train, [options.attune, "evaluate", test, "--model", run, *self.common]]

    def make(self, data, way, seed):
        commands = self.commands(data, way, seed)
        text = " && ".join(map(shlex.join, commands))
        if self.options.only_print:
            print(text)
            return
        if self.cells.get((data, way, seed), {}).get("command") == text:
            return
        began, run = time.monotonic(), os.path.join(self.options.work, "runs", f"{data}-{way}-{seed}")
        result, spent = self.run(commands[0], resumed_from=run)
        accuracy = result["yardstick"]["accuracy"] if way == "yardstick" else None
        if accuracy is None:
            found, more = self.run(commands[1])
            accuracy, spent = found["accuracy"], spent + more
        cell = {"data": data, "way": way, "seed": seed, "accuracy": accuracy, "processor_seconds": round(spent, 1),
                "seconds": round(time.monotonic() - began, 1), "command": text}
        with open(self.path, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(cell) + "\n")
        self.cells[data, way, seed] = cell
        if not self.options.keep:
            subprocess.run(["rm", "-r", run], check=True)

    def make_model(self, way):
        output, command = self.pretraining(way)
        if self.options.only_print:
            print(shlex.join(command))
            return
        if os.path.exists(os.path.join(output, "run.json")):
            with open(os.path.join(output, "run.json"), encoding="utf-8") as file:
                if json.load(file).get("result", {}).get("outcome") == "completed":
                    return
        self.folder("models", way)
        result, spent = self.run(command, resumed_from=output)
        print(f"{way}: {json.dumps(result['best'])}, {spent:.0f} s of processor time", file=sys.stderr)

    def make_all(self):
        for seed in range(self.options.seeds):
            for way in self.options.ways:
                if way in PRETRAIN and seed == 0:
                    self.make_model(way)
                for data in self.options.data:
                    # Of all labels there is but one logistic regression.
                    if way == "yardstick" and seed > 0 and SIZES[data] is None:
                        continue
                    self.make(data, way, seed)

    def show(self):
        def entry(data, way):
            found = [cell["accuracy"] for (d, w, _), cell in sorted(self.cells.items()) if (d, w) == (data, way)]
            if not found:
                return "–"
            mean = f"{statistics.mean(found):.3f}"
            return mean if len(found) == 1 else f"{mean} ({min(found):.3f} to {max(found):.3f})"

        table(["", *SIZES], [[words, *(entry(data, way) for data in SIZES)] for way, words in WAYS.items()])
        minutes = sum(cell["processor_seconds"] for cell in self.cells.values()) / 60
        print(f"{len(self.cells)} cells, {minutes:.0f} minutes of processor time; means and ranges over seeds; commands:\n")
        for (_, _, seed), cell in sorted(self.cells.items()):
            if seed == 0:
                print(f"    {cell['command']}")


def main():
    evidence = Evidence(arguments())
    if not evidence.options.table:
        evidence.make_all()
    if not evidence.options.only_print:
        evidence.show()


main()
