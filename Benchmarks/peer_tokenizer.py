# SPDX-License-Identifier: Apache-2.0
"""Times the `tokenizers` package on texts, once for each line of standard input."""
import argparse
import json
import os
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("tokenizer")
parser.add_argument("texts", help="one JSON string a line")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
os.environ["RAYON_NUM_THREADS"] = str(options.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if options.threads > 1 else "false"

from tokenizers import Tokenizer  # noqa: E402

tokenizer = Tokenizer.from_file(options.tokenizer)
# Some files ask for rows of one length, which batches without padding never need.
tokenizer.no_padding()
tokenizer.no_truncation()
with open(options.texts, encoding="utf-8") as lines:
    texts = [json.loads(line) for line in lines]
megabytes = sum(len(text.encode()) for text in texts) / 1e6
print(json.dumps({"peer": "tokenizers", "megabytes": megabytes}), flush=True)
for _ in sys.stdin:
    rates = []
    for encode in (tokenizer.encode_batch_fast, tokenizer.encode_batch):
        start = time.perf_counter()
        found = encode(texts)
        rates.append(megabytes / (time.perf_counter() - start))
    print(json.dumps({
        "megabytes_per_second": rates[0], "megabytes_per_second_with_offsets": rates[1],
        "tokens": sum(len(encoding.ids) for encoding in found)}), flush=True)
