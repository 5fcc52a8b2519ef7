# SPDX-License-Identifier: Apache-2.0
"""Compares captioners with the same model in PyTorch, in turns: how fast they learn and how fast they write.

    python3 Benchmarks/caption.py --vectors datasets/emoji_train_features.npy --captions datasets/emoji_train_captions.csv \\
      --model models/emoji --test-vectors datasets/emoji_valid_features.npy --test-captions datasets/emoji_valid_captions.csv

Learning: Attune trains its recipe for some steps; PyTorch trains a module of the same sizes, whose decoder is that of transformers'
Marian, on the same captions in batches of as many tokens, sorted by length so that little is padded, with fused AdamW. Rates are tokens
of captions over the time of the steps; padding does not count.

Writing: Attune and generate of transformers, with cached keys and values, write the captions of the test vectors with the weights of
--model, without which those of the first training are taken. Tokens are those that each wrote; look at the share of equal captions
before the rates. PyTorch learns eagerly and writes with all threads and with one, of which the better counts.

Every contestant runs in a process of its own, and loading is not in the times. Whoever has less than half the speed of the best after a
round has no further turn.
"""
import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import recording
from turns import heading, measured, number, ranged, run_turns, spread, table, verdict

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", default=str(HERE.parent / ".build/release/attune"))
    parser.add_argument("--vectors", required=True)
    parser.add_argument("--captions", required=True, help="CSV with the columns row and caption")
    parser.add_argument("--test-vectors", required=True)
    parser.add_argument("--test-captions", required=True)
    parser.add_argument("--model", help="a captioner; without one the first training's is used")
    parser.add_argument("--recipe", default="small")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--tokens", type=int, default=4096, help="tokens of captions in a batch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=64, help="captions written together")
    parser.add_argument("--beams", default="1,5")
    parser.add_argument("--longest", type=int, default=64, help="most tokens of a caption")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--record", action="store_true", help="keep the results for RESULTS.md")
    parser.add_argument("--peer", choices=["train", "write"], help=argparse.SUPPRESS)
    parser.add_argument("--beam", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


def captions(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [(int(row["row"]), row["caption"]) for row in csv.DictReader(file)]


def weights(folder):
    from safetensors.torch import load_file
    return load_file(Path(folder) / "model.safetensors")


class Tokens:
    """The tokenizer of a captioner's folder."""

    def __init__(self, folder):
        import sentencepiece
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(Path(folder) / "target.spm"))
        self.ids = json.loads((Path(folder) / "vocab.json").read_text())
        self.names = {number: piece for piece, number in self.ids.items()}

    def encoded(self, text, end):
        unknown = self.ids["<unk>"]
        return [self.ids.get(piece, unknown) for piece in self.pieces.encode(text, out_type=str)] + [end]

    def decoded(self, ids):
        return self.pieces.decode([self.names[number] for number in ids])


def captioner(folder):
    """Attune's captioner in PyTorch: a vector is standardized and projected, Marian's decoder attends to the positions."""
    import torch
    import transformers

    config = json.loads((Path(folder) / "config.json").read_text())
    if config["norm_placement"] != "post" or config["mapping_layers"] or config["vector_form"] != "vector":
        sys.exit("The peer reads single vectors without a mapping transformer and has its norms behind.")
    marian = transformers.MarianConfig(
        vocab_size=config["vocab_size"], d_model=config["d_model"], encoder_layers=1, decoder_layers=config["decoder_layers"],
        encoder_attention_heads=1, decoder_attention_heads=config["decoder_attention_heads"], encoder_ffn_dim=1,
        decoder_ffn_dim=config["decoder_ffn_dim"], max_position_embeddings=config["max_position_embeddings"],
        activation_function=config["activation_function"], dropout=config["dropout"],
        attention_dropout=config["attention_dropout"], activation_dropout=config["activation_dropout"],
        scale_embedding=config["scale_embedding"], pad_token_id=config["pad_token_id"], eos_token_id=config["eos_token_id"],
        decoder_start_token_id=config["decoder_start_token_id"], forced_eos_token_id=None)

    class Captioner(torch.nn.Module):
        def __init__(self):
            super().__init__()
            size, width = config["vector_size"], config["d_model"]
            self.dropout = torch.nn.Dropout(config["vector_dropout"])
            self.projection = torch.nn.Linear(size, config["vector_positions"] * width)
            self.layer_norm = torch.nn.LayerNorm(width, eps=config["layer_norm_eps"])
            self.register_buffer("mean", torch.zeros(size))
            self.register_buffer("deviation", torch.ones(size))
            self.writer = transformers.MarianMTModel(marian)

        def memory(self, vectors):
            if config["vector_scaling"] == "unit":
                vectors = torch.nn.functional.normalize(vectors)
            vectors = self.dropout((vectors - self.mean) / self.deviation)
            return self.layer_norm(self.projection(vectors).reshape(len(vectors), -1, config["d_model"]))

    model = Captioner()
    tensors = weights(folder)
    own = {name.removeprefix("model.vectors."): tensor for name, tensor in tensors.items() if name.startswith("model.vectors.")}
    rest = {name: tensor for name, tensor in tensors.items() if not name.startswith("model.vectors.")}
    missing = model.load_state_dict(own, strict=False).missing_keys
    left = [name for name in missing if not name.startswith("writer.") and name not in ("mean", "deviation")]
    unexpected = model.writer.load_state_dict(rest, strict=False).unexpected_keys
    if left or unexpected:
        sys.exit(f"The weights do not fit: {left + unexpected}")
    model.writer.tie_weights()
    return model, config


def batches(examples, budget):
    examples = sorted(examples, key=lambda example: -len(example[1]))
    result, current, tokens = [], [], 0
    for example in examples:
        if current and tokens + len(example[1]) > budget:
            result.append(current)
            current, tokens = [], 0
        current.append(example)
        tokens += len(example[1])
    result.append(current)
    random.Random(0).shuffle(result)
    return result


def train_peer(options):
    import numpy
    import torch

    torch.set_num_threads(options.threads)
    model, config = captioner(options.model)
    tokens, end, start = Tokens(options.model), config["eos_token_id"], config["decoder_start_token_id"]
    vectors = torch.from_numpy(numpy.load(options.vectors).astype(numpy.float32))
    examples = [(row, tokens.encoded(text, end)) for row, text in captions(options.captions)]
    parameters = [value for name, value in model.named_parameters() if not name.startswith("writer.model.encoder.")]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.98), weight_decay=0, fused=True)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    model.train()

    def tensors(batch):
        width = max(len(ids) for _, ids in batch)
        read, written = torch.full((len(batch), width), start), torch.full((len(batch), width), -100)
        for row, (_, ids) in enumerate(batch):
            read[row, 1:len(ids)], written[row, :len(ids)] = torch.tensor(ids[:-1], dtype=torch.long), torch.tensor(ids)
        return vectors[[row for row, _ in batch]], read, written, sum(len(ids) for _, ids in batch)

    def step(given, read, written, count):
        states = model.writer.model.decoder(
            input_ids=read, encoder_hidden_states=model.memory(given), use_cache=False).last_hidden_state
        logits = model.writer.lm_head(states) + model.writer.final_logits_bias
        loss = loss_of(logits.view(-1, logits.shape[-1]), written.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1)
        optimizer.step()
        return count

    data = [tensors(batch) for batch in batches(examples, options.tokens)]
    for index in range(3):
        step(*data[index % len(data)])
    begin = time.perf_counter()
    count = sum(step(*data[index % len(data)]) for index in range(options.steps))
    return {"tokens": count, "seconds": time.perf_counter() - begin}


def write_peer(options):
    import numpy
    import torch
    from transformers.modeling_outputs import BaseModelOutput

    torch.set_num_threads(options.threads)
    model, config = captioner(options.model)
    model.eval()
    tokens, end, padding = Tokens(options.model), config["eos_token_id"], config["pad_token_id"]
    vectors = torch.from_numpy(numpy.load(options.test_vectors).astype(numpy.float32))

    def run(given):
        found = []
        with torch.inference_mode():
            for part in given.split(options.batch):
                found += model.writer.generate(
                    encoder_outputs=BaseModelOutput(last_hidden_state=model.memory(part)), num_beams=options.beam, do_sample=False,
                    length_penalty=1.0, early_stopping=options.beam > 1, max_length=None, max_new_tokens=options.longest,
                    min_new_tokens=1, suppress_tokens=[padding], use_cache=True).tolist()
        rows = []
        for row in found:
            row = row[1:]
            rows.append(row[:min([row.index(token) for token in (end, padding) if token in row] + [len(row)])])
        return rows

    run(vectors[:8])
    begin = time.perf_counter()
    written = run(vectors)
    seconds = time.perf_counter() - begin
    return {"tokens": sum(map(len, written)), "seconds": seconds, "texts": [tokens.decoded(row) for row in written]}


def run_peer(options, job, model, beam, threads):
    command = [
        *options.launcher.split(), sys.executable, __file__, "--peer", job, "--model", model, "--vectors", options.vectors, "--captions",
        options.captions, "--test-vectors", options.test_vectors, "--test-captions", options.test_captions, "--steps", str(options.steps),
        "--tokens", str(options.tokens), "--threads", str(threads), "--batch", str(options.batch), "--longest", str(options.longest),
        "--beam", str(beam)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(found.stdout.strip().splitlines()[-1])


def train_attune(options, folder):
    output, _, peak = measured([
        options.attune, "train", "captioner", "--vectors", options.vectors, "--captions", options.captions, "--output", folder,
        "--recipe", options.recipe, "--max-steps", str(options.steps), "--evaluate-every", str(options.steps), "--batch-tokens",
        str(options.tokens), "--threads", str(options.threads), "--overwrite", "--quiet", "--json"], options)
    cost = json.loads(output)["cost"]
    return {"tokens": cost["tokens_per_second"] * cost["step_seconds"], "seconds": cost["step_seconds"], "peak": peak}


def write_attune(options, model, beam, folder):
    saved = f"{folder}/ours.txt"
    output, _, peak = measured([
        options.attune, "evaluate", "--model", model, "--vectors", options.test_vectors, "--captions", options.test_captions,
        "--batch-size", str(options.batch), "--beam-size", str(beam), "--length-penalty", "1", "--max-decoding-length",
        str(options.longest), "--threads", str(options.threads), "--save-captions", saved, "--overwrite", "--json", "--quiet"], options)
    speed = json.loads(output)["speed"]
    with open(saved, encoding="utf-8") as file:
        texts = [line.rstrip("\n") for line in file]
    return {"tokens": speed["tokens"], "seconds": speed["seconds"], "peak": peak, "texts": texts}


def compare(options, job, wanted, runs):
    """Turns of all, of which ours is the first: the table's rows and what was found."""
    found, rates = run_turns(runs, options.rounds)
    medians, ours = {name: spread(values)["median"] for name, values in rates.items()}, found["Attune"][0].get("texts")
    rows = [[job, name, ranged(values), f"{medians['Attune'] / medians[name]:.2f} times", number(max(row["peak"] for row in found[name])),
             "" if not ours else f"{100 * sum(a == b for a, b in zip(found[name][0]['texts'], ours)) / len(ours):.1f} %"]
            for name, values in rates.items()]
    best = max((name for name in medians if name != "Attune"), key=medians.get)
    ratio = medians["Attune"] / medians[best]
    return rows, {"tokens_per_second": {name: spread(values) for name, values in rates.items()}, "ratio": ratio, "wanted": wanted,
                  "best_peer": f"{best}, {job}", "reached": ratio >= wanted}


def run(options):
    heading(f"Captions, recipe {options.recipe}, batches of {options.tokens:,} tokens", options)
    rows, results = [], {}
    with tempfile.TemporaryDirectory() as folder:
        trained = f"{folder}/run"
        more, results["learning"] = compare(options, "learning", 1.5, {
            "Attune": lambda: train_attune(options, trained),
            "PyTorch": lambda: run_peer(options, "train", f"{trained}/last", 1, options.threads)})
        rows += more
        model = options.model or f"{trained}/last"
        for beam in map(int, options.beams.split(",")):
            job = f"writing, beam {beam}, batches of {options.batch}"
            runs = {"Attune": lambda beam=beam: write_attune(options, model, beam, folder)}
            for threads in sorted({options.threads, 1}, reverse=True):
                runs[f"transformers, {threads} thread{'s' if threads > 1 else ''}"] = (
                    lambda beam=beam, threads=threads: run_peer(options, "write", model, beam, threads))
            more, results[job] = compare(options, job, 3, runs)
            rows += more
    table(["job", "contestant", "tokens/s, median", "range", "Attune is faster by", "peak memory, MiB", "captions as ours"], rows)
    for found in results.values():
        verdict(found["ratio"], found["wanted"], found["best_peer"])
    return {"jobs": results}


def main():
    options = arguments()
    if options.peer:
        found = {"train": train_peer, "write": write_peer}[options.peer](options)
        print(json.dumps({**found, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    section = recording.measured_section(
        f"python3 Benchmarks/caption.py --recipe {options.recipe} --vectors VECTORS --captions CAPTIONS …", lambda: run(options))
    if options.record:
        recording.record(f"captions-{Path(options.vectors).stem.split('_')[0]}", section)


if __name__ == "__main__":
    main()
