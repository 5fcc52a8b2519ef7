# SPDX-License-Identifier: Apache-2.0
"""Times masked-token training steps in PyTorch on texts of one length, which are masked before the clock starts.

`--loss dense` is BertForMaskedLM of transformers as users run it: scores of the vocabulary for every token. `--loss sparse` computes
them for the hidden tokens alone, as Attune does, with the same layers.
"""
import json
import sys
import time

from peer import limit_threads, parser, quantiles, report

arguments = parser(__doc__)
arguments.add_argument("--loss", choices=["sparse", "dense"], default="dense")
arguments.add_argument("--length", type=int, default=128)
arguments.add_argument("--mask-rate", type=float, default=0.15)
arguments.add_argument("--steps", type=int, default=20)
arguments.add_argument("--warm-up", type=int, default=3)
arguments.add_argument("--turns", action="store_true", help="make these steps again for each line of standard input")
options = arguments.parse_args()
limit_threads(options.threads)

import torch  # noqa: E402
from transformers import BertConfig, BertForMaskedLM  # noqa: E402

torch.set_num_threads(options.threads)
torch.manual_seed(0)
configuration = BertConfig(
    hidden_size=options.width, num_hidden_layers=options.layers, num_attention_heads=options.heads,
    intermediate_size=options.feed_forward, vocab_size=options.vocabulary, hidden_dropout_prob=options.dropout,
    attention_probs_dropout_prob=options.dropout)
configuration._attn_implementation = "sdpa"
model = BertForMaskedLM(configuration).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

ids = torch.randint(5, options.vocabulary, (options.batch, options.length))
hidden = torch.rand(ids.shape) < options.mask_rate
labels = torch.where(hidden, ids, -100)
draw = torch.rand(ids.shape)
ids = torch.where(hidden & (draw < 0.8), 4, ids)
ids = torch.where(hidden & (draw >= 0.8) & (draw < 0.9), torch.randint_like(ids, 5, options.vocabulary), ids)
# No text is shorter than the others, and who knows that leaves the mask out.
rows = hidden.flatten().nonzero().flatten()
targets = labels.flatten()[rows]


def dense():
    return model(input_ids=ids, labels=labels).loss


def sparse():
    states = model.bert(input_ids=ids).last_hidden_state
    scores = model.cls(states.flatten(0, 1).index_select(0, rows))
    return torch.nn.functional.cross_entropy(scores.float(), targets)


def loss_of():
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bfloat16"):
        return dense() if options.loss == "dense" else sparse()


forward = torch.compile(loss_of) if options.mode == "compiled" else loss_of


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = forward()
    loss.backward()
    optimizer.step()
    return loss.item()


def turn():
    seconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        loss = step()
        seconds.append(time.perf_counter() - start)
    report(
        "masked", options, length=options.length, steps=options.steps, loss_kind=options.loss, precision=options.precision,
        tokens_per_second=quantiles([ids.numel() / value for value in seconds]),
        seconds_per_step=quantiles(seconds)["median"], loss=loss)


for _ in range(options.warm_up):
    step()
if options.turns:
    print(json.dumps({"benchmark": "masked", "peer": f"pytorch {options.loss}"}), flush=True)
    for _ in sys.stdin:
        turn()
else:
    turn()
