# SPDX-License-Identifier: Apache-2.0
"""Makes metrics.json: classification metrics of scikit-learn and bootstrap bounds of accuracy by the binomial law.

usage: python metrics.py > metrics.json
"""
import json
import sys

import numpy as np
from scipy.special import softmax
from scipy.stats import binom
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

random = np.random.default_rng(5)
cases = []
for labels, count, absent in [(2, 60, []), (5, 200, [3]), (3, 40, [])]:
    truth = random.integers(0, labels, count)
    truth[np.isin(truth, absent)] = 0
    logits = np.round(random.normal(0, 1, (count, labels)) + 1.2 * np.eye(labels)[truth], 3).astype(np.float32)
    if absent:
        logits[:, absent] = -9
    if labels == 3:
        logits[:, 1] = -9  # never predicted, but true
    guess = logits.argmax(1)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, guess, labels=range(labels), zero_division=0)
    accuracy = accuracy_score(truth, guess)
    cases.append(dict(
        labels=truth.tolist(), logits=logits.tolist(), predictions=guess.tolist(), absent=absent,
        accuracy=accuracy, macro_f1=f1_score(truth, guess, average="macro", zero_division=0),
        precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
        confusion=confusion_matrix(truth, guess, labels=range(labels)).flatten().tolist(),
        cross_entropy=log_loss(truth, softmax(logits.astype(np.float64), axis=1), labels=range(labels)),
        binomial=[float(binom.ppf(q, count, accuracy)) / count for q in (0.025, 0.975)]))
json.dump(dict(cases=cases), sys.stdout)
