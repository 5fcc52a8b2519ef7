# SPDX-License-Identifier: Apache-2.0
"""Times an epoch of real texts in PyTorch: batches padded to their longest text, shuffled or grouped by length.

Reads what `attune-bench tokenize` prints, so that both sides train on the same tokens.
"""
import time

from peer import limit_threads, make_step, parser, report

arguments = parser(__doc__)
arguments.add_argument("tokens", help="a label and token ids on each line")
arguments.add_argument("--batching", choices=["shuffled", "grouped"], default="shuffled")
arguments.add_argument("--steps", type=int, default=0, help="0: the whole epoch")
arguments.add_argument("--warm-up", type=int, default=10)
options = arguments.parse_args()
limit_threads(options.threads)

import torch  # noqa: E402
from torch.nn.utils.rnn import pad_sequence  # noqa: E402
from torch.utils.data import DataLoader, Sampler  # noqa: E402


class GroupedSampler(Sampler):
    """Sorted by length within random pools of 50 batches, as `group_by_length` of transformers does."""

    def __init__(self, lengths, batch):
        self.lengths, self.batch = lengths, batch

    def __len__(self):
        return len(self.lengths)

    def __iter__(self):
        order = torch.randperm(len(self.lengths)).tolist()
        size = 50 * self.batch
        for start in range(0, len(order), size):
            yield from sorted(order[start:start + size], key=lambda index: -self.lengths[index])


def collate(examples):
    ids = pad_sequence([ids for ids, _ in examples], batch_first=True)
    lengths = torch.tensor([len(ids) for ids, _ in examples])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    return ids, mask, torch.tensor([label for _, label in examples])


examples = []
with open(options.tokens, encoding="utf-8") as lines:
    for line in lines:
        label, *ids = map(int, line.split())
        examples.append((torch.tensor(ids), label))
step = make_step(options, dynamic=True)
torch.manual_seed(1)
grouped = options.batching == "grouped"
sampler = GroupedSampler([len(ids) for ids, _ in examples], options.batch) if grouped else None
loader = DataLoader(
    examples, batch_size=options.batch, shuffle=not grouped, sampler=sampler, collate_fn=collate)
for index, batch in zip(range(options.warm_up), loader):
    step(*batch)
tokens, padded, count, total = 0, 0, 0, 0.0
start = time.perf_counter()
for ids, mask, labels in loader:
    total += step(ids, mask, labels)
    tokens += int(mask.sum())
    padded += ids.numel()
    count += 1
    if count == options.steps:
        break
seconds = time.perf_counter() - start
report(
    "epoch", options, batching=options.batching, steps=count, tokens=tokens, positions=padded, seconds=seconds,
    tokens_per_second=tokens / seconds, loss=total / count)
