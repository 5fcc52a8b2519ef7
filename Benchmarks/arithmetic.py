# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a job, which its time is held against: linear maps and attention of the tokens that are there.

A multiplication and an addition are two operations. A gradient is twice the work of its value, so a step of training is three times
the work of what it trains. Norms, activations, softmax, the optimizer and padding do not count: they are what the rest is spent on.
"""
import json
import os


class Shape:
    """The sizes of an encoder that its arithmetic follows from."""

    def __init__(self, layers, width, wide):
        self.layers, self.width, self.wide = layers, width, wide

    @classmethod
    def of(cls, folder):
        """Of a BERT's folder."""
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            found = json.load(file)
        return cls(found["num_hidden_layers"], found["hidden_size"], found["intermediate_size"])

    @property
    def weights(self):
        """Elements of the layers' matrices."""
        return self.layers * (4 * self.width * self.width + 2 * self.width * self.wide)

    def text(self, length):
        """Operations that the states of one text take."""
        return 2 * length * self.weights + 4 * length * length * self.width * self.layers

    def texts(self, lengths):
        return sum(map(self.text, lengths))

    def step(self, length):
        """Operations of a step of training for one token of texts of this length."""
        return 3 * self.text(length) / length

    def masked_step(self, length, vocabulary, hidden):
        """The same of masked tokens, the scores of the vocabulary being computed for the hidden share alone."""
        return self.step(length) + 3 * hidden * 2 * self.width * (self.width + vocabulary)


def token_lengths(tokenizer, texts, longest):
    """Tokens of each text, with its special ones, cut at so many."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(tokenizer)
    made.no_padding()
    made.enable_truncation(longest)
    return [len(found.ids) for found in made.encode_batch_fast(texts)]


def translator_step(configuration, pairs):
    """Operations of learning from pairs of so many tokens, by a Marian's configuration; of causal attention the half that is seen."""
    width, vocabulary = configuration["d_model"], configuration["vocab_size"]
    readers, writers = configuration["encoder_layers"], configuration["decoder_layers"]
    square = width * width
    reader = readers * (4 * square + 2 * width * configuration["encoder_ffn_dim"])
    # Keys and values of the source are made in each layer that writes.
    memory = writers * 2 * square
    writer = writers * (6 * square + 2 * width * configuration["decoder_ffn_dim"]) + width * vocabulary
    value = sum(
        2 * source * (reader + memory) + 2 * target * writer
        + 4 * width * (readers * source * source + writers * (target * target / 2 + source * target)) for source, target in pairs)
    return 3 * value
