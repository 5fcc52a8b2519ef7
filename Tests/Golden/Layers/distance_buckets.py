# SPDX-License-Identifier: Apache-2.0
"""Prints the buckets that transformers' MPNet gives to the distances -600 ... 600 (key position - query position).

    python3 distance_buckets.py > distance_buckets.json

Made with torch 2.13.0, transformers 5.23.0.
"""
import json

import torch
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

print(json.dumps({"first": -600, "buckets": MPNetEncoder.relative_position_bucket(torch.arange(-600, 601)).tolist()}))
