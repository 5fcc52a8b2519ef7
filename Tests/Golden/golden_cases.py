# SPDX-License-Identifier: Apache-2.0
"""What the scripts that write golden cases share: numbers drawn alike in Swift and Python, and the form of a case."""

import json
import math

import numpy
import torch

torch.set_default_dtype(torch.float64)
MASK = (1 << 64) - 1


def single(x):
    """A setting as our Float32 holds it."""
    return float(numpy.float32(x))


def drawn(shape, seed, scale=1.0, offset=0.0):
    """Numbers in offset - scale ..< offset + scale, by SplitMix64."""
    values, state = [], seed
    for _ in range(math.prod(shape)):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        mixed ^= mixed >> 31
        values.append((float(mixed >> 11) * 2.0**-52 - 1) * scale + offset)
    return torch.tensor(values).reshape(shape)


def flat(tensor):
    return [float(f"{x:.13g}") for x in tensor.detach().flatten().tolist()]


def slices(lengths):
    """The rows of each sequence of a packed batch."""
    start = 0
    for length in lengths:
        yield slice(start, start + length)
        start += length


class Cases:
    """Results and gradients by name. The loss is the sum of the result times numbers drawn from seed 0xC0."""

    def __init__(self):
        self.cases = {}

    def add(self, name, inputs, compute, constants=(), **fields):
        """inputs: name -> shape, or (shape, scale, offset); constants have no gradient."""
        specifications, tensors = {}, {}
        for seed, (key, value) in enumerate(inputs.items(), start=1):
            shape, scale, offset = value if isinstance(value, tuple) else (value, 1.0, 0.0)
            specifications[key] = {"shape": shape, "seed": seed, "scale": scale, "offset": offset}
            tensors[key] = drawn(shape, seed, scale, offset).requires_grad_(key not in constants)
        output = compute(tensors)
        (output * drawn(list(output.shape), 0xC0)).sum().backward()
        self.cases[name] = {
            "inputs": specifications,
            **fields,
            "output": flat(output),
            "gradients": {
                key: flat(torch.zeros_like(x) if x.grad is None else x.grad)
                for key, x in tensors.items()
                if key not in constants
            },
        }

    def write(self, path):
        with open(path, "w") as file:
            file.write('{"torch": "%s", "cases": {\n' % torch.__version__.split("+")[0])
            file.write(",\n".join(f'"{name}": {json.dumps(case)}' for name, case in self.cases.items()))
            file.write("\n}}\n")
