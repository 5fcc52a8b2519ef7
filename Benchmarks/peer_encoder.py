# SPDX-License-Identifier: Apache-2.0
"""An encoder of today in a process of its own: embeds the texts once for each line of standard input, or one text in a loop.

Batches are made of texts of like length and padded to the longest. The clock starts at the texts and stops at unit vectors. The
threads work on one batch, or with --parallel on several.
"""
import argparse
import json
import os
import sys
import time

ENGINES = ("sentence-transformers", "onnxruntime", "onnxruntime-int8", "onnxruntime-int8-channels", "ctranslate2", "ctranslate2-int8")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["embed", "latency", "once"])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("folder", help="what 'suite.py prepare' made")
    parser.add_argument("--texts", help="embed: texts, one JSON string a line")
    parser.add_argument("--count", type=int, default=500, help="texts of a turn, or times the one text")
    parser.add_argument("--text", default="The acting was wonderful, but the plot made no sense at all.")
    parser.add_argument("--vectors", help="file for the vectors")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parallel", type=int, default=1, help="batches that are worked on at a time, by a share of the threads each")
    return parser.parse_args()


options = arguments()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = str(options.threads)
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

import numpy  # noqa: E402


def pooled(states, mask):
    """Unit vectors of the means of the states."""
    shares = mask[..., None].astype(numpy.float32)
    vectors = (states * shares).sum(1) / shares.sum(1)
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


def onnxruntime_encoder(name):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads // options.parallel, 1
    session = onnxruntime.InferenceSession(
        os.path.join(options.folder, "peers", name + ".onnx"), settings, providers=["CPUExecutionProvider"])
    kinds = {value.name: numpy.int32 if "int32" in value.type else numpy.int64 for value in session.get_inputs()}

    def encode(ids, mask):
        values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        return pooled(session.run(None, {name: values[name].astype(kind) for name, kind in kinds.items()})[0], mask)

    return encode


def ctranslate2_encoder(kind):
    import ctranslate2

    encoder = ctranslate2.Encoder(
        os.path.join(options.folder, "peers/ctranslate2"), compute_type=kind, intra_threads=options.threads // options.parallel,
        inter_threads=options.parallel)

    def encode(ids, mask):
        output = encoder.forward_batch(
            ctranslate2.StorageView.from_array(ids.astype(numpy.int32)),
            ctranslate2.StorageView.from_array(mask.sum(1).astype(numpy.int32)))
        return pooled(numpy.array(output.last_hidden_state), mask)

    return encode


def sentence_transformers_embedder():
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(options.threads)
    model = SentenceTransformer(os.path.join(options.folder, "minilm"), device="cpu")
    model.max_seq_length = options.length
    return lambda texts: model.encode(
        texts, batch_size=options.batch, normalize_embeddings=True, show_progress_bar=False)


def embedder():
    """Returns texts -> unit vectors."""
    if options.engine == "sentence-transformers":
        return sentence_transformers_embedder()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(options.folder, "peers/tokenizer.json"))
    tokenizer.enable_truncation(options.length)
    tokenizer.no_padding()
    encode = {
        "onnxruntime": lambda: onnxruntime_encoder("fused"),
        "onnxruntime-int8": lambda: onnxruntime_encoder("int8"),
        "onnxruntime-int8-channels": lambda: onnxruntime_encoder("int8-channels"),
        "ctranslate2": lambda: ctranslate2_encoder("float32"),
        "ctranslate2-int8": lambda: ctranslate2_encoder("int8"),
    }[options.engine]()

    map_batches = map
    if options.parallel > 1:
        from concurrent.futures import ThreadPoolExecutor

        map_batches = ThreadPoolExecutor(options.parallel).map

    def embed(texts):
        rows = [found.ids for found in tokenizer.encode_batch_fast(texts)]
        order = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
        batches = [order[start:start + options.batch] for start in range(0, len(order), options.batch)]

        def encoded(members):
            ids = numpy.zeros((len(members), len(rows[members[0]])), numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, member in enumerate(members):
                ids[row, :len(rows[member])] = rows[member]
                mask[row, :len(rows[member])] = 1
            return encode(ids, mask)

        vectors = None
        for members, found in zip(batches, map_batches(encoded, batches)):
            if vectors is None:
                vectors = numpy.empty((len(texts), found.shape[1]), numpy.float32)
            vectors[members] = found
        return vectors

    return embed


def embed_turn(embed, texts):
    start, before = time.perf_counter(), time.process_time()
    vectors = embed(texts)
    seconds, busy = time.perf_counter() - start, time.process_time() - before
    if options.vectors:
        numpy.save(options.vectors, vectors)
    return {"seconds": seconds, "texts_per_second": len(texts) / seconds, "processor_seconds": busy}


def latency_turn(embed):
    times = []
    for _ in range(options.count):
        start = time.perf_counter()
        embed([options.text])
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100], "least_ms": times[0]}


def main():
    embed = embedder()
    if options.job == "once":
        embed([options.text])
        return
    texts = []
    if options.texts:
        with open(options.texts, encoding="utf-8") as lines:
            texts = [json.loads(line) for line in lines][:options.count]
    print(json.dumps({"peer": options.engine}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(embed_turn(embed, texts) if options.job == "embed" else latency_turn(embed)), flush=True)


main()
