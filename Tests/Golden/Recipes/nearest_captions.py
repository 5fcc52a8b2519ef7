# SPDX-License-Identifier: Apache-2.0
"""Makes nearest_captions.json: for each emoji of the validation set the training vector of the largest cosine, in float64.

usage: python nearest_captions.py DATASETS > nearest_captions.json
"""
import json
import sys

import numpy as np


def unit(part):
    vectors = np.load(f"{sys.argv[1]}/emoji_{part}_features.npy").astype(np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


cosines = unit("valid") @ unit("train").T
json.dump(dict(rows=cosines.argmax(1).tolist(), cosines=cosines.max(1).tolist()), sys.stdout)
