# SPDX-License-Identifier: Apache-2.0
"""Labels the rows of a CSV as a Python program does it today: csv, tokenizers, ONNX Runtime in 8 bits, batches of like length."""
import argparse
import csv
import itertools
import os

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", help="with tokenizer.json and the ONNX file")
parser.add_argument("table", help="CSV with a column named text")
parser.add_argument("output")
parser.add_argument("--onnx", default="int8-channels.onnx")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--chunk", type=int, default=2048, help="rows that are sorted by length together")
parser.add_argument("--length", type=int, default=128)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--parallel", type=int, default=1, help="batches that are worked on at a time, by a share of the threads each")
options = parser.parse_args()
os.environ["RAYON_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy  # noqa: E402
import onnxruntime  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

LABELS = ("negative", "positive")
tokenizer = Tokenizer.from_file(os.path.join(options.folder, "tokenizer.json"))
tokenizer.enable_truncation(options.length)
tokenizer.no_padding()
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads // options.parallel, 1
session = onnxruntime.InferenceSession(
    os.path.join(options.folder, options.onnx), settings, providers=["CPUExecutionProvider"])
kinds = {value.name: numpy.int32 if "int32" in value.type else numpy.int64 for value in session.get_inputs()}


map_batches = map
if options.parallel > 1:
    from concurrent.futures import ThreadPoolExecutor

    map_batches = ThreadPoolExecutor(options.parallel).map


def logits(texts):
    rows = [found.ids for found in tokenizer.encode_batch_fast(texts)]
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
    batches = [order[start:start + options.batch] for start in range(0, len(order), options.batch)]

    def scored(members):
        ids = numpy.zeros((len(members), len(rows[members[0]])), numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, member in enumerate(members):
            ids[row, :len(rows[member])] = rows[member]
            mask[row, :len(rows[member])] = 1
        values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        return session.run(None, {name: values[name].astype(kind) for name, kind in kinds.items()})[0]

    result = numpy.empty((len(rows), len(LABELS)), numpy.float32)
    for members, found in zip(batches, map_batches(scored, batches)):
        result[members] = found
    return result


with open(options.table, encoding="utf-8", newline="") as source, open(options.output, "w", encoding="utf-8", newline="") as target:
    reader = csv.DictReader(source)
    writer = csv.writer(target)
    writer.writerow([*reader.fieldnames, "prediction", "score"])
    while chunk := list(itertools.islice(reader, options.chunk)):
        found = logits([row["text"] for row in chunk])
        powers = numpy.exp(found - found.max(1, keepdims=True))
        shares = powers / powers.sum(1, keepdims=True)
        for row, share in zip(chunk, shares):
            best = int(share.argmax())
            writer.writerow([*row.values(), LABELS[best], f"{share[best]:.6f}"])
