# SPDX-License-Identifier: Apache-2.0
"""Writes the golden safetensors files with the reference library (safetensors 0.8, torch 2.13).

    python make_safetensors.py        # run in this folder

types.safetensors     one tensor of each type that torch can hold; types.json has the values as Float32.
float32.safetensors   the tensors of written.json as the library writes them; our writer must give these bytes.
float16.safetensors   the same, rounded by torch.
quantized.safetensors a matrix of 8-bit integers with scales of its rows, and a vector; the tests know their numbers.
model-0000?-of-00002.safetensors, model.safetensors.index.json   the same in two files.
"""
import json

import torch
from safetensors.torch import save_file

PYTORCH = {"format": "pt"}


def exact(tensor):
    return [float(value) for value in tensor.to(torch.float32).flatten().tolist()]


def types():
    numbers = [0.0, -0.0, 1.0, -1.5, 0.1, 3.0e-5, 6.0e-8, 65504.0]
    integers = {torch.uint8: [0, 255], torch.int8: [-128, 127], torch.uint16: [0, 65535],
                torch.int16: [-32768, 32767], torch.uint32: [0, 4294967040],
                torch.int32: [-2147483648, 16777216], torch.uint64: [0, 2**40],
                torch.int64: [-(2**62), 7], torch.bool: [True, False]}
    tensors = {str(kind)[6:]: torch.tensor(values, dtype=kind) for kind, values in integers.items()}
    for kind in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        tensors[str(kind)[6:]] = torch.tensor(numbers, dtype=torch.float64).to(kind).reshape(2, 4)
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 3)
    save_file(tensors, "types.safetensors")
    described = {name: {"shape": list(tensor.shape), "values": exact(tensor)}
                 for name, tensor in tensors.items()}
    with open("types.json", "w") as file:
        json.dump(described, file, separators=(",", ":"))


def written():
    generator = torch.Generator().manual_seed(7)
    noise = torch.randn(40, 7, generator=generator)
    edges = [0.0, -0.0, 1 / 3, 65504.0, 65519.0, 2.0**-14, 2.0**-24, 2.0**-25, 3 * 2.0**-26,
             -(2.0**-15), 1.0 + 2.0**-11, 1.0 + 3 * 2.0**-11]
    tensors = {"layers.10.weight": noise, "layers.9.weight": -noise[:5], "Z": torch.tensor(edges),
               "a": torch.tensor(-7.25), "caf\u00e9": torch.ones(2), "cafe\u0301": torch.zeros(2),
               "empty": torch.zeros(4, 0), "quote\"\\\n": torch.ones(1, 1, 1)}
    with open("written.json", "w") as file:
        json.dump({name: {"shape": list(tensor.shape), "values": exact(tensor)}
                   for name, tensor in tensors.items()}, file, separators=(",", ":"))
    save_file(tensors, "float32.safetensors", PYTORCH)
    save_file({name: tensor.half() for name, tensor in tensors.items()},
              "float16.safetensors", PYTORCH)
    shards(tensors)


def quantized():
    rows, columns = 131, 128
    integers = torch.tensor([[127 if c == 0 else (r * 131 + c * 71) % 255 - 127
                              for c in range(columns)] for r in range(rows)], dtype=torch.int8)
    scales = torch.tensor([2.0 ** -(5 + r % 7) for r in range(rows)])
    save_file({"layer.weight": integers, "layer.weight_scale": scales,
               "layer.bias": torch.arange(rows, dtype=torch.float32)},
              "quantized.safetensors", PYTORCH)


def shards(tensors):
    names = sorted(tensors)
    weight_map = {}
    for number, part in enumerate((names[:4], names[4:]), start=1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, file, PYTORCH)
        weight_map.update({name: file for name in part})
    total = sum(tensor.numel() * 4 for tensor in tensors.values())
    with open("model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, file, indent=2)


types()
written()
quantized()
