# SPDX-License-Identifier: Apache-2.0
"""Makes logistic_layer.json: scikit-learn's logistic regression of vectors scaled to a mean length of 1.

usage: python logistic_layer.py > logistic_layer.json
"""
import json
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

random = np.random.default_rng(5)
cases = []
for label_count, weights in [(2, None), (2, [1.0, 3.0]), (3, None), (3, [2.0, 1.0, 0.5])]:
    labels = np.arange(18) % label_count
    vectors = (random.normal(size=(18, 6)) + labels[:, None] * 0.7).astype(np.float32) * 4
    scale = np.linalg.norm(vectors.astype(np.float64), axis=1).mean()
    model = LogisticRegression(C=1, tol=1e-12, max_iter=100_000)
    row_weights = None if weights is None else np.array(weights)[labels]
    model.fit(vectors.astype(np.float64) / scale, labels, sample_weight=row_weights)
    scores = model.decision_function(vectors.astype(np.float64) / scale)
    if label_count == 2:
        scores = np.stack([-scores / 2, scores / 2], axis=1)
    cases.append(dict(
        label_count=label_count, label_weights=weights or [1.0] * label_count, labels=labels.tolist(),
        vectors=vectors.tolist(), logits=scores.tolist()))
json.dump(dict(cases=cases), sys.stdout)
print()
