# SPDX-License-Identifier: Apache-2.0
"""Times training steps of a BERT classifier in PyTorch on texts of one length."""
import json
import sys
import time

from peer import limit_threads, make_step, parser, quantiles, report

arguments = parser(__doc__)
arguments.add_argument("--length", type=int, default=128)
arguments.add_argument("--steps", type=int, default=20)
arguments.add_argument("--warm-up", type=int, default=3)
arguments.add_argument("--turns", action="store_true", help="make these steps again for each line of standard input")
options = arguments.parse_args()
limit_threads(options.threads)

import torch  # noqa: E402

step = make_step(options, dynamic=False)
ids = torch.randint(5, options.vocabulary, (options.batch, options.length))
# No text is shorter than the others, and who knows that leaves the mask out.
mask = None
labels = torch.arange(options.batch) % 2


def turn():
    seconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        loss = step(ids, mask, labels)
        seconds.append(time.perf_counter() - start)
    report(
        "train", options, length=options.length, steps=options.steps,
        tokens_per_second=quantiles([ids.numel() / value for value in seconds]),
        seconds_per_step=quantiles(seconds)["median"], loss=loss)


for _ in range(options.warm_up):
    step(ids, mask, labels)
if options.turns:
    print(json.dumps({"benchmark": "train", "peer": f"pytorch {options.mode}"}), flush=True)
    for _ in sys.stdin:
        turn()
else:
    turn()
