# SPDX-License-Identifier: Apache-2.0
"""Makes adamw.json: 100 steps of torch.optim.AdamW (PyTorch 2.13, float32) on three parameters.

usage: python adamw.py > adamw.json
"""
import json
import math

import torch

SETTINGS = dict(lr=1e-2, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1)
SHAPES = {"table": [5, 2], "weight": [3, 4], "bias": [4]}
ROWS = [1, 3]  # the rows of the table that have a gradient
TRACED = [1, 2, 10, 100]


def start(name):
    count = math.prod(SHAPES[name])
    return [0.5 * math.cos(1.3 * i + len(name)) for i in range(count)]


def gradient(name, step):
    return [math.sin(0.37 * (i + 1) * step + len(name)) * 0.1 * (i + 1) for i in range(math.prod(SHAPES[name]))]


parameters = {n: torch.nn.Parameter(torch.tensor(start(n)).reshape(s)) for n, s in SHAPES.items()}
optimizer = torch.optim.AdamW(
    [
        dict(params=[parameters["table"], parameters["weight"]]),
        dict(params=[parameters["bias"]], weight_decay=0.0),
    ],
    foreach=False, **SETTINGS)
trace = []
for step in range(1, 101):
    for name, parameter in parameters.items():
        slope = torch.tensor(gradient(name, step)).reshape(SHAPES[name])
        if name == "table":
            keep = torch.zeros(SHAPES[name])
            keep[ROWS] = 1
            slope = slope * keep
        parameter.grad = slope
    optimizer.step()
    if step in TRACED:
        trace.append(dict(step=step, **{n: p.detach().flatten().tolist() for n, p in parameters.items()}))
json.dump(dict(trace=trace), __import__("sys").stdout, indent=1)
