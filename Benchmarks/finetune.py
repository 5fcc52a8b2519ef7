# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a checkpoint on a CSV with the Trainer of transformers, as `attune train classifier --from` does.

The same work on both sides: mean pooling, dropout and a linear head; AdamW without decay of biases and norms; the head's rate
times --head-rate-factor; linear warm-up and decay; clipping. Batches are padded to their longest text and grouped by length.

  attune train classifier train.csv --validation dev.csv --from DIR --output RUN
  python3 Benchmarks/finetune.py train.csv --validation dev.csv --from DIR

Prints one JSON object: accuracy after each epoch, seconds, tokens/s and peak memory. With --max-steps both sides make so many
steps, for rounds in turns.
"""
import argparse
import csv
import gzip
import json
import resource
import time

START = time.perf_counter()

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file", help="CSV with the columns text and label, gzip or not")
parser.add_argument("--validation", required=True)
parser.add_argument("--from", dest="origin", required=True, help="folder of the checkpoint")
parser.add_argument("--text-column", default="text")
parser.add_argument("--label-column", default="label")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--max-steps", type=int, default=-1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--learning-rate", type=float, default=5e-5)
parser.add_argument("--head-rate-factor", type=float, default=10)
parser.add_argument("--warm-up", type=float, default=0.06, help="share of the steps")
parser.add_argument("--weight-decay", type=float, default=0.01)
parser.add_argument("--clip", type=float, default=1)
parser.add_argument("--max-length", type=int, default=256)
parser.add_argument("--batching", choices=["group_by_length", "random"], default="group_by_length")
parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: autocast")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()

from peer import limit_threads  # noqa: E402

limit_threads(options.threads)

import torch  # noqa: E402
from transformers import (  # noqa: E402
    AutoModel, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments, set_seed)

IMPORTED = time.perf_counter()
torch.set_num_threads(options.threads)
set_seed(options.seed)


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row[options.text_column] for row in rows], [row[options.label_column] for row in rows]


class Texts(torch.utils.data.Dataset):
    def __init__(self, path, labels=None):
        texts, names = read(path)
        self.labels = labels or sorted(set(names))
        encoded = tokenizer(texts, truncation=True, max_length=options.max_length)
        self.examples = [
            dict(input_ids=ids, attention_mask=mask, labels=self.labels.index(name))
            for ids, mask, name in zip(encoded["input_ids"], encoded["attention_mask"], names)]

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, index):
        return self.examples[index]


class Classifier(torch.nn.Module):
    """Mean of the states, dropout, a linear map."""

    def __init__(self, path, label_count):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            path, add_pooling_layer=False, dtype=torch.float32, attn_implementation="sdpa")
        self.dropout = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, label_count)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, input_ids, attention_mask, labels=None, **_):
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        shares = attention_mask[..., None].to(states.dtype)
        pooled = (states * shares).sum(1) / shares.sum(1)
        logits = self.head(self.dropout(pooled))
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


def parameter_groups(model):
    groups = {}
    for name, parameter in model.named_parameters():
        factor = options.head_rate_factor if name.startswith("head.") else 1
        decay = options.weight_decay if parameter.ndim > 1 else 0
        groups.setdefault((factor, decay), []).append(parameter)
    return [
        dict(params=parameters, lr=options.learning_rate * factor, weight_decay=decay)
        for (factor, decay), parameters in groups.items()]


tokenizer = AutoTokenizer.from_pretrained(options.origin)
training = Texts(options.file)
validation = Texts(options.validation, training.labels)
model = Classifier(options.origin, len(training.labels))
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir="/tmp/unused", num_train_epochs=options.epochs, max_steps=options.max_steps,
        per_device_train_batch_size=options.batch_size, per_device_eval_batch_size=128,
        learning_rate=options.learning_rate, warmup_steps=options.warm_up, lr_scheduler_type="linear",
        max_grad_norm=options.clip, train_sampling_strategy=options.batching, seed=options.seed, use_cpu=True,
        bf16=options.precision == "bfloat16",
        eval_strategy="no" if options.max_steps > 0 else "epoch", save_strategy="no", report_to="none",
        logging_strategy="no", disable_tqdm=True),
    train_dataset=training, eval_dataset=validation,
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=lambda results: {"accuracy": float((results[0].argmax(-1) == results[1]).mean())},
    optimizers=(torch.optim.AdamW(parameter_groups(model), fused=True), None))
begin = time.perf_counter()
outcome = trainer.train()
trained = time.perf_counter()
accuracies = [entry["eval_accuracy"] for entry in trainer.state.log_history if "eval_accuracy" in entry]
print(json.dumps({
    "peer": "transformers Trainer", "examples": len(training), "steps": trainer.state.global_step,
    "batching": options.batching, "accuracy": accuracies, "loss": outcome.training_loss,
    "training_seconds": trained - begin, "seconds_with_imports": trained - START, "seconds": trained - IMPORTED,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "versions": {"torch": torch.__version__, "transformers": __import__("transformers").__version__}}), flush=True)
