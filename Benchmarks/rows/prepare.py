# SPDX-License-Identifier: Apache-2.0
"""Makes what the rows need: the peers' forms of the encoder and of a classifier, texts, tables, tokenizers."""
import csv
import gzip
import json
import math
import os
import random
import shutil
import subprocess
import sys

CLASSIFIER_LENGTH = 128


def read(path):
    """Texts and labels of a CSV."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def write_lines(path, texts):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)


def mixed(reviews, count):
    """Beginnings of reviews; their words are log-normally many, 45 in the middle, 100 of one in ten."""
    draw = random.Random(7)
    texts = []
    for text, _ in draw.sample(reviews, count):
        words = text.split()
        texts.append(" ".join(words[:max(3, round(math.exp(draw.gauss(math.log(45), 0.63))))]))
    return texts


def export(module, arguments, path, names, result):
    import torch

    axes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        module, arguments, path, input_names=names, output_names=[result],
        dynamic_axes={**{name: axes for name in names}, result: axes if result == "states" else {0: "batch"}},
        opset_version=17, dynamo=False)


def onnx_forms(module, result, configuration, folder):
    """Plain, with the fusions of ONNX Runtime, and of that in 8 bits: one scale a matrix, and one a column."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    ids = torch.randint(5, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    plain, fused = os.path.join(folder, "plain.onnx"), os.path.join(folder, "fused.onnx")
    with torch.inference_mode():
        export(module, (ids, mask, torch.zeros_like(ids)), plain, ["input_ids", "attention_mask", "token_type_ids"], result)
    made = optimizer.optimize_model(
        plain, model_type="bert", num_heads=configuration.num_attention_heads, hidden_size=configuration.hidden_size,
        optimization_options=FusionOptions("bert"))
    print("  fused:", {name: count for name, count in made.get_fused_operator_statistics().items() if count})
    made.save_model_to_file(fused)
    for name, per_channel in (("int8", False), ("int8-channels", True)):
        quantize_dynamic(
            fused, os.path.join(folder, f"{name}.onnx"), weight_type=QuantType.QInt8, per_channel=per_channel,
            extra_options={"DefaultTensorType": 1})
    os.remove(plain)


def make_encoder(options, folder):
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import AutoModel

    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(options.model, "tokenizer.json"), folder)
    model = AutoModel.from_pretrained(options.model, attn_implementation="eager").eval()

    class States(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask, segments):
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=segments).last_hidden_state

    onnx_forms(States(), "states", model.config, folder)
    TransformersConverter(options.model).convert(os.path.join(folder, "ctranslate2"), force=True)


def make_reference(options, folder, texts):
    """Vectors of PyTorch in Float32, which all are compared with."""
    import numpy
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(options.model, device="cpu")
    numpy.save(os.path.join(folder, "reference.npy"), model.encode(texts, normalize_embeddings=True))


def make_classifier(options, folder, reviews):
    """MiniLM under the head of `BertForSequenceClassification`; the last map is fitted to 2,000 reviews by logistic regression."""
    import torch
    from sklearn.linear_model import LogisticRegression
    from transformers import AutoTokenizer, BertForSequenceClassification

    os.makedirs(folder, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    tokenizer.model_max_length = CLASSIFIER_LENGTH
    model = BertForSequenceClassification.from_pretrained(
        options.model, num_labels=2, attn_implementation="eager").eval()
    # The program reads as many tokens as the model has positions.
    embeddings = model.bert.embeddings
    embeddings.position_embeddings = torch.nn.Embedding.from_pretrained(
        embeddings.position_embeddings.weight[:CLASSIFIER_LENGTH].clone())
    for name in ("position_ids", "token_type_ids"):
        embeddings.register_buffer(name, getattr(embeddings, name)[:, :CLASSIFIER_LENGTH].clone(), persistent=False)
    model.config.max_position_embeddings = CLASSIFIER_LENGTH
    model.config.id2label = {0: "negative", 1: "positive"}
    model.config.label2id = {"negative": 0, "positive": 1}
    pooled, chosen = [], reviews[-2000:]
    with torch.inference_mode():
        for start in range(0, len(chosen), 50):
            batch = tokenizer(
                [text for text, _ in chosen[start:start + 50]], truncation=True, max_length=CLASSIFIER_LENGTH, padding=True,
                return_tensors="pt")
            pooled.append(model.bert(**batch).pooler_output)
    fitted = LogisticRegression(C=10, max_iter=2000).fit(torch.cat(pooled).numpy(), [int(label) for _, label in chosen])
    with torch.no_grad():
        model.classifier.weight.copy_(torch.tensor([-fitted.coef_[0], fitted.coef_[0]]) / 2)
        model.classifier.bias.copy_(torch.tensor([-fitted.intercept_[0], fitted.intercept_[0]]) / 2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask, segments):
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=segments).logits

    onnx_forms(Logits(), "logits", model.config, folder)


def make_mini(options, folder):
    """An encoder of 4 layers and 256 columns with MiniLM's tokenizer, drawn at random, to train from."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(
        hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024,
        vocab_size=30522)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(options.model).save_pretrained(folder)


def make_tokenizers(options, folder, english, french):
    """WordPiece is MiniLM's own; the others are learnt here."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(options.model, "tokenizer.json"), os.path.join(folder, "wordpiece.json"))
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder, made.post_processor = decoders.ByteLevel(), processors.ByteLevel(trim_offsets=False)
    made.train_from_iterator(english + french, trainers.BpeTrainer(
        vocab_size=16000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    made.save(os.path.join(folder, "bytes.json"))
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    made.train_from_iterator(english + french, trainers.UnigramTrainer(
        vocab_size=16000, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False))
    made.save(os.path.join(folder, "unigram.json"))


def write_table(path, reviews, size):
    """The reviews again and again up to so many bytes."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        while file.tell() < size:
            for review in reviews:
                writer.writerow(review)
                if file.tell() >= size:
                    break


def make_tables(folder, reviews):
    for part in range(4):
        write_table(os.path.join(folder, f"reviews-{part}.csv"), reviews[part * 3700:], 5_000_000)


def make_narrow(options, source, target):
    """Attune's own 8-bit folder."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run([options.attune, "convert", "--model", source, "--weights", "int8", "--output", target], check=True)


def run(options):
    for name in ("model", "reviews", "phrases", "validation", "french"):
        if not getattr(options, name):
            sys.exit(f"prepare: --{name} is missing")
    work = options.work
    os.makedirs(work, exist_ok=True)
    reviews = read(options.reviews)
    texts = mixed(reviews, 1000)
    with gzip.open(options.french, "rt", encoding="utf-8") as lines:
        french = [line.rstrip("\n").split("\t")[1] for line in lines]
    english = [text for text, _ in reviews[:4000]]

    def path(name):
        return os.path.join(work, name)

    def sources():
        links = {"minilm": options.model, "phrases.csv.gz": options.phrases, "validation.csv": options.validation}
        for name, target in links.items():
            if os.path.lexists(path(name)):
                os.remove(path(name))
            os.symlink(os.path.abspath(target), path(name))
        write_lines(path("texts.jsonl"), texts)
        write_lines(path("english.jsonl"), english[:3000])
        write_lines(path("french.jsonl"), french[:60000])

    steps = {
        "texts and links": ("texts.jsonl", sources),
        "encoder for peers": ("peers/ctranslate2", lambda: make_encoder(options, path("peers"))),
        "reference vectors": ("reference.npy", lambda: make_reference(options, work, texts)),
        "classifier": ("classifier/int8-channels.onnx", lambda: make_classifier(options, path("classifier"), reviews)),
        "mini encoder": ("mini", lambda: make_mini(options, path("mini"))),
        "tokenizers": ("tokenizers/unigram.json", lambda: make_tokenizers(options, path("tokenizers"), english, french)),
        "tables": ("reviews-3.csv", lambda: make_tables(work, reviews)),
        "8-bit encoder": ("minilm-int8", lambda: make_narrow(options, options.model, path("minilm-int8"))),
        "8-bit classifier": ("classifier-int8", lambda: make_narrow(options, path("classifier"), path("classifier-int8"))),
    }
    for name, (made, make) in steps.items():
        if not os.path.exists(path(made)):
            print(name, flush=True)
            make()
