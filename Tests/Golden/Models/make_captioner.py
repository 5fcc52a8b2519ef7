# SPDX-License-Identifier: Apache-2.0
"""Golden files for captioners.

    python3 Tests/Golden/Models/make_captioner.py
        writes Captioners/NAME (config.json and model.safetensors of tiny random captioners) and Captioners/NAME.json with what
        PyTorch computes with the same numbers in float64: the memory, logits of given tokens, and greedy output. The decoder is
        that of transformers' Marian, given the memory as the states of an encoder; the layers before it are torch.nn's.

Made with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0.
"""
import json
import math
import pathlib

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent / "Captioners"
WIDTH, HEADS, SIZE, VOCABULARY, LAYERS, HIDDEN = 12, 3, 7, 30, 2, 20
START, END = VOCABULARY - 1, 0
# name: (seed that writes several tokens, settings of the vectors, numbers of vectors of each item)
MODELS = {
    "projected": (
        52, dict(vector_form="vector", vector_scaling="standard", vector_positions=3, mapping_layers=0), [1, 1, 1]),
    "mapped": (
        19, dict(vector_form="vector", vector_scaling="unit", vector_positions=2, mapping_layers=2, mapping_positions=4,
                 mapping_attention_heads=2, mapping_ffn_dim=10), [1, 1, 1]),
    "sequence": (
        56, dict(vector_form="sequence", vector_scaling="none", vector_positions=1, mapping_layers=0), [3, 1, 5]),
}


def waves(count):
    """Sines in the first half of the columns, cosines in the second, as Marian has them."""
    table = torch.zeros(count, WIDTH, dtype=torch.float64)
    for position in range(count):
        for column in range(WIDTH // 2):
            angle = position / 10000 ** (2 * column / WIDTH)
            table[position, column], table[position, WIDTH // 2 + column] = math.sin(angle), math.cos(angle)
    return table


class Vectors(torch.nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        self.projection = torch.nn.Linear(SIZE, settings["vector_positions"] * WIDTH)
        self.layer_norm = torch.nn.LayerNorm(WIDTH, eps=1e-5)
        if settings["vector_scaling"] == "standard":
            self.register_buffer("mean", torch.randn(SIZE))
            self.register_buffer("deviation", 0.5 + torch.rand(SIZE))
        if settings["mapping_layers"]:
            self.constants = torch.nn.Parameter(torch.randn(settings["mapping_positions"], WIDTH))
            self.layers = torch.nn.ModuleList(
                torch.nn.TransformerEncoderLayer(
                    WIDTH, settings["mapping_attention_heads"], settings["mapping_ffn_dim"], dropout=0,
                    activation=torch.nn.functional.silu, layer_norm_eps=1e-5, batch_first=True) for _ in range(settings["mapping_layers"]))

    def forward(self, vectors):
        """Vectors of one item -> its memory."""
        if self.settings["vector_scaling"] == "standard":
            vectors = (vectors - self.mean) / self.deviation
        if self.settings["vector_scaling"] == "unit":
            vectors = vectors / vectors.norm(dim=1, keepdim=True)
        states = self.layer_norm(self.projection(vectors).reshape(-1, WIDTH))
        if self.settings["vector_form"] == "sequence":
            states = states + waves(len(states))
        if self.settings["mapping_layers"]:
            count = len(self.constants)
            states = torch.cat([states, self.constants])[None]
            for layer in self.layers:
                states = layer(states)
            states = states[0, -count:]
        return states

    def files(self):
        tensors = {}
        for name, value in self.state_dict().items():
            if name == "constants":
                tensors["model.mapping.constants"] = value
            elif not name.startswith("layers."):
                tensors["model.vectors." + name] = value
            else:
                _, number, part = name.split(".", 2)
                layer = f"model.mapping.layers.{number}."
                if part.startswith("self_attn.in_proj_"):
                    kind = part.removeprefix("self_attn.in_proj_")
                    for projection, piece in zip("qkv", value.chunk(3)):
                        tensors[f"{layer}self_attn.{projection}_proj.{kind}"] = piece
                else:
                    for theirs, ours in (
                        ("linear1", "fc1"), ("linear2", "fc2"), ("norm1", "self_attn_layer_norm"), ("norm2", "final_layer_norm"),
                    ):
                        part = part.replace(theirs, ours)
                    tensors[layer + part] = value
        return tensors


def randomized(module):
    for name, parameter in module.named_parameters():
        if "embed_positions" in name:
            continue
        center = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        # Vectors of tokens that are small beside what layers add: with one table a token would else be followed by itself.
        scale = 0.08 if "shared" in name else 0.9 if parameter.dim() > 1 else 0.5
        parameter.data = (center + scale * torch.randn_like(parameter)).float()
    return module


def rounded(tensor):
    return [float(f"{x:.8g}") for x in tensor.flatten().tolist()]


def make(seed, name, settings, lengths):
    torch.manual_seed(seed)
    config = transformers.MarianConfig(
        vocab_size=VOCABULARY, d_model=WIDTH, encoder_layers=1, decoder_layers=LAYERS, encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS, encoder_ffn_dim=HIDDEN, decoder_ffn_dim=HIDDEN, max_position_embeddings=32,
        activation_function="swish", scale_embedding=True, pad_token_id=START, decoder_start_token_id=START, eos_token_id=END,
        forced_eos_token_id=None)
    marian = randomized(transformers.MarianMTModel(config))
    marian.final_logits_bias.data = 0.05 * torch.randn_like(marian.final_logits_bias)
    marian.tie_weights()
    vectors = randomized(Vectors(settings))
    tensors = {
        key: value for key, value in marian.state_dict().items()
        if key in ("model.shared.weight", "final_logits_bias")
        or key.startswith("model.decoder.") and "embed_" not in key
    } | vectors.files()
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous().float() for key, value in tensors.items()}, folder / "model.safetensors",
              metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps({
        "model_type": "attune-captioner", "vocab_size": VOCABULARY, "d_model": WIDTH, "decoder_layers": LAYERS,
        "decoder_attention_heads": HEADS, "decoder_ffn_dim": HIDDEN, "max_position_embeddings": 32,
        "activation_function": "swish", "norm_placement": "post", "position_order": "halves", "layer_norm_eps": 1e-5,
        "scale_embedding": True, "dropout": 0.1, "attention_dropout": 0.0, "activation_dropout": 0.0, "vector_size": SIZE,
        **settings, "vector_dropout": 0.0, "pad_token_id": START, "eos_token_id": END, "decoder_start_token_id": START,
    }, indent=1) + "\n")

    marian, vectors = marian.double().eval(), vectors.double().eval()
    for file in folder.iterdir():
        file.chmod(0o644)
    document = {"vectors": [], "lengths": lengths, "memory": [], "targets": [], "logits": [], "greedy": []}
    with torch.no_grad():
        for place, length in enumerate(lengths):
            item = torch.randn(length, SIZE).float().double()
            memory = vectors(item)
            target = [START] + [(7 * place + 5 * i * i + 3) % (VOCABULARY - 1) for i in range(4 + place)]

            def logits(ids):
                states = marian.model.decoder(
                    input_ids=torch.tensor([ids]), encoder_hidden_states=memory[None], use_cache=False).last_hidden_state
                return (marian.lm_head(states) + marian.final_logits_bias)[0]

            document["vectors"] += rounded(item)
            document["memory"] += rounded(memory)
            document["targets"].append(target)
            document["logits"] += rounded(logits(target))
            written = [START]
            while len(written) < 12 and (len(written) == 1 or written[-1] != END):
                written.append(int(logits(written)[-1].argmax()))
            document["greedy"].append(written[1:])
    (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    for name, (seed, settings, lengths) in MODELS.items():
        make(seed, name, settings, lengths)
