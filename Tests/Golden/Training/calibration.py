# SPDX-License-Identifier: Apache-2.0
"""Makes calibration.json: temperatures that scipy finds, and expected calibration errors by the formula of Guo et al. (2017).

usage: python calibration.py > calibration.json
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax


def calibration_error(logits, truth, bins=15):
    """Equations 1 to 3: bins ((m - 1) / M, m / M] of the confidence in the predicted class."""
    probabilities = np.exp(log_softmax(logits, axis=1))
    confidence, prediction = probabilities.max(1), probabilities.argmax(1)
    error, rows = 0.0, []
    for m in range(1, bins + 1):
        members = (confidence > (m - 1) / bins) & (confidence <= m / bins)
        count = int(members.sum())
        accuracy = float((prediction == truth)[members].mean()) if count else 0.0
        mean = float(confidence[members].mean()) if count else 0.0
        error += count / len(truth) * abs(accuracy - mean)
        rows.append([count, accuracy, mean])
    return error, rows


def cross_entropy(temperature, logits, truth):
    return float(-log_softmax(logits / temperature, axis=1)[np.arange(len(truth)), truth].mean())


random = np.random.default_rng(11)
cases = []
for labels, count, scale in [(2, 80, 4.0), (5, 120, 0.3), (3, 90, 1.0)]:
    truth = random.integers(0, labels, count)
    logits = np.round(scale * (random.normal(0, 1, (count, labels)) + 1.2 * np.eye(labels)[truth]), 3)
    cases.append(dict(kind="one label", logits=logits.astype(np.float32), truth=truth))
holds = random.random((60, 4)) < 0.3
cases.append(dict(kind="label sets", truth=holds, logits=np.round(
    3 * (random.normal(0, 1, holds.shape) + np.where(holds, 1, -1)), 3).astype(np.float32)))
for case in cases:
    logits, truth = case["logits"].astype(np.float64), case["truth"]
    if case["kind"] == "label sets":
        logits = np.stack([np.zeros(logits.size), logits.flatten()], axis=1)
        truth = truth.flatten().astype(int)
    fitted = minimize_scalar(lambda power: cross_entropy(np.exp(power), logits, truth), (-1, 1), tol=1e-12)
    temperature = float(np.exp(fitted.x))
    before, bins = calibration_error(logits, truth)
    after, _ = calibration_error(logits / temperature, truth)
    case.update(temperature=temperature, bins=bins, calibration_error=[before, after],
                cross_entropy=[cross_entropy(t, logits, truth) for t in (1.0, temperature)],
                logits=[[float(str(v)) for v in row] for row in case["logits"]], truth=case["truth"].astype(int).tolist())
json.dump(dict(cases=cases), sys.stdout)
