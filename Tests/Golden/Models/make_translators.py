# SPDX-License-Identifier: Apache-2.0
"""Golden files for translators, as transformers saves them.

    python3 Tests/Golden/Models/make_translators.py make
        writes Translators/NAME (tiny random Marian models with their tokenizers) and Translators/NAME.json with what
        transformers computes in float64: logits, greedy output, and the ids that MarianTokenizer gives to hard texts.
    python3 Tests/Golden/Models/make_translators.py open FOLDER
        FOLDER holds what Attune wrote from these files, and translators with tokenizers that Attune trained. Opens each in
        transformers, compares its outputs and its ids with those of the original, writes the ids of the trained ones to
        Translators/trained.json and trained-bpe.json, and keeps the hashes of the files in Translators/opened.json, so that
        the tests can tell without Python that they write the very bytes that Python opened.

Made with torch 2.13.0, transformers 5.23.0, sentencepiece 0.2.3.
"""
import contextlib
import hashlib
import io
import json
import pathlib
import sys
import warnings

import sentencepiece
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentencepiece import sentencepiece_model_pb2

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tokenizers"))
from charsmap import charsmap  # noqa: E402

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent / "Translators"
ENGLISH = """The station is near the river. Where is the train? A small dog runs through the green grass. She reads a book
in the garden. Two men are talking about the weather. I would like a cup of tea, please. It rains every day in autumn.
The children play with a red ball. He does not know what to say. We went to the market yesterday.""".replace("\n", " ")
FRENCH = """La gare est près de la rivière. Où est le train ? Un petit chien court dans l'herbe verte. Elle lit un livre dans
le jardin. Deux hommes parlent du temps qu'il fait. Je voudrais une tasse de thé, s'il vous plaît. Il pleut tous les jours
en automne. Les enfants jouent avec un ballon rouge. Il ne sait pas quoi dire. Nous sommes allés au marché hier.""".replace("\n", " ")
TEXTS = [
    "The station is near the river.", "Where?", "", " ", "  two   spaces  ", "Où est le train\u202f?", "l\u00a0été\u2009!", "日本 x",
    "tab\tand\nbreak", ">>fra<< The dog", ">>xx<< The dog", "a </s> b", "<unk> <s> <pad>", "▁ mark", "e\u0301te\u0301", "½ ﬁn …",
    "THE STATION", "a" * 40, "\u200bzero", ">> no code", "ＴＨＥ", "x</s>", "dog>>fra<<",
]
RULES = {chr(c): " " for c in (9, 10, 13, 0xA0, 0x2009, 0x202F, 0x3000)} | {
    "\u200b": "", "½": "1\u20442", "ﬁ": "fi", "…": "...", "e\u0301": "é", "e": "e", "Ｔ": "T", "Ｈ": "H", "Ｅ": "E"}
SOURCES = ["The station is near the river.", "Where?", "A small dog runs through the garden, the garden and the garden."]

SMALL = dict(
    d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=20,
    decoder_ffn_dim=24, max_position_embeddings=64, dropout=0.1)
# name: (settings, how it is saved)
MODELS = {
    "swish": (dict(activation_function="swish", scale_embedding=True), {}),
    "relu": (dict(activation_function="relu", scale_embedding=True, encoder_layers=1), {"old": True}),
    "gelu": (dict(activation_function="gelu", scale_embedding=False, d_model=12, decoder_layers=1), {}),
    "bpe": (dict(activation_function="relu", scale_embedding=True, encoder_layers=1), {"pieces": "bpe"}),
}


def trained(text, size, **options):
    file = io.BytesIO()
    with contextlib.redirect_stderr(io.StringIO()):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences(text)), model_writer=file,
            vocab_size=size, minloglevel=9, **options)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(file.getvalue())
    model.normalizer_spec.precompiled_charsmap = charsmap(RULES, first_base=1)
    model.normalizer_spec.name = "user_defined"
    return model.SerializeToString(deterministic=True)


def tokenizer_files(folder, pieces):
    folder.mkdir(parents=True, exist_ok=True)
    tokens = ["</s>", "<unk>"]
    for name, text in (("source.spm", ENGLISH), ("target.spm", FRENCH)):
        if pieces == "unigram":
            data = trained(text, 110, hard_vocab_limit=False)
        else:
            # One side writes what it does not know as bytes.
            data = trained(text, 110, model_type=pieces) if name == "target.spm" else trained(text, 370, model_type=pieces, byte_fallback=True)
        (folder / name).write_bytes(data)
        model = sentencepiece_model_pb2.ModelProto()
        model.ParseFromString(data)
        # Not every piece of the models has an id, as in published vocabularies.
        tokens += [p.piece for i, p in enumerate(model.pieces) if p.type in (1, 6) and i % 29 != 7]
    tokens = list(dict.fromkeys(tokens)) + [">>fra<<", "日本", "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, indent=1))
    return len(tokens)


def randomized(model):
    for name, parameter in model.named_parameters():
        if "embed_positions" in name:
            continue
        center = 1.0 if name.endswith("layer_norm.weight") else 0.0
        # Vectors of tokens that are small beside what layers add: with one table a token would else be followed by itself.
        scale = 0.1 if "shared" in name or "embed_tokens" in name else 0.6 if parameter.dim() > 1 else 0.3
        parameter.data = center + scale * torch.randn_like(parameter)
    model.final_logits_bias.data = 0.1 * torch.randn_like(model.final_logits_bias)
    model.tie_weights()
    return model.eval()


def outputs(model, tokenizer):
    """What the model makes of each source alone, in float64."""
    model = model.double().eval()
    result = {"sources": [], "targets": [], "logits": [], "greedy": [], "decoded": []}
    with torch.no_grad():
        for place, text in enumerate(SOURCES):
            ids = tokenizer([text])["input_ids"][0]
            start = model.config.decoder_start_token_id
            target = [start] + [(7 * place + 5 * i * i + 3) % (model.config.vocab_size - 1) for i in range(4 + place)]
            found = model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([target]))
            greedy = model.generate(
                torch.tensor([ids]), num_beams=1, do_sample=False, max_new_tokens=12, forced_eos_token_id=None)[0].tolist()
            result["sources"].append(ids)
            result["targets"].append(target)
            result["logits"].append(found.logits[0][:, ::5])
            result["greedy"].append(greedy[1:])
            result["decoded"].append(tokenizer.decode(greedy, skip_special_tokens=True))
    result["logits"] = [float(f"{x:.8g}") for x in torch.cat(result["logits"]).flatten().tolist()]
    return result


def encodings(tokenizer):
    source = [tokenizer([text])["input_ids"][0] for text in TEXTS]
    target = [tokenizer(text_target=[text])["input_ids"][0] for text in TEXTS]
    return {"texts": TEXTS, "source": source, "target": target}


def sentences(text):
    return text.replace("? ", "?\n").replace(". ", ".\n").split("\n")


def make():
    for seed, (name, (settings, how)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        folder = HERE / name
        size = tokenizer_files(folder, how.get("pieces", "unigram"))
        config = transformers.MarianConfig(
            vocab_size=size, pad_token_id=size - 1, decoder_start_token_id=size - 1, eos_token_id=0, forced_eos_token_id=0,
            **{**SMALL, **settings})
        model = randomized(transformers.MarianMTModel(config))
        model.generation_config = transformers.GenerationConfig(
            bad_words_ids=[[size - 1]], decoder_start_token_id=size - 1, eos_token_id=0, pad_token_id=size - 1, num_beams=4,
            max_length=64)
        transformers.MarianTokenizer(
            str(folder / "source.spm"), str(folder / "target.spm"), str(folder / "vocab.json")).save_pretrained(folder)
        model.save_pretrained(folder)
        if "old" in how:
            tensors = load_file(folder / "model.safetensors")
            table = tensors["model.shared.weight"]
            for other in ("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"):
                tensors[other] = table.clone()
            for side in (model.model.encoder, model.model.decoder):
                key = "encoder" if side is model.model.encoder else "decoder"
                tensors[f"model.{key}.embed_positions.weight"] = side.embed_positions.weight.detach().clone()
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
        document = outputs(model, tokenizer) | encodings(tokenizer) | {"training": sentences(ENGLISH) + sentences(FRENCH)}
        (HERE / f"{name}.json").write_text(json.dumps(document, ensure_ascii=True) + "\n")
        for file in folder.iterdir():
            file.chmod(0o644)


def keep(opened, path):
    for file in sorted(path.iterdir()):
        opened[f"{path.name}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()


def open_in_python(folder):
    opened = {}
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.name.startswith("trained"):
            model, info = transformers.MarianMTModel.from_pretrained(path, output_loading_info=True)
            assert not info["missing_keys"] - {"lm_head.weight"} and not info["unexpected_keys"], info
            tokenizer = transformers.MarianTokenizer.from_pretrained(path)
            generated = model.generate(**tokenizer(SOURCES, return_tensors="pt", padding=True), max_new_tokens=5)
            assert generated.shape[0] == len(SOURCES)
            (HERE / f"{path.name}.json").write_text(json.dumps(encodings(tokenizer)) + "\n")
            keep(opened, path)
            continue
        original = json.loads((HERE / f"{path.name.split('@')[0]}.json").read_text())
        model, info = transformers.MarianMTModel.from_pretrained(path, output_loading_info=True)
        assert not info["missing_keys"] - {"lm_head.weight"} and not info["unexpected_keys"], info
        tokenizer = transformers.MarianTokenizer.from_pretrained(path)
        assert encodings(tokenizer) == {key: original[key] for key in ("texts", "source", "target")}, path.name
        found = outputs(model, tokenizer)
        tolerance = 1e-6 if "@" not in path.name else 5e-2
        for a, b in zip(found["logits"], original["logits"], strict=True):
            assert abs(a - b) <= tolerance * max(1, abs(b)), (path.name, a, b)
        if "@" not in path.name:
            for key in ("sources", "targets", "greedy", "decoded"):
                assert found[key] == original[key], (path.name, key)
        keep(opened, path)
    (HERE / "opened.json").write_text(json.dumps(opened, indent=1, sort_keys=True) + "\n")
    print(len(opened), "files opened")


if __name__ == "__main__":
    make() if sys.argv[1] == "make" else open_in_python(sys.argv[2])
