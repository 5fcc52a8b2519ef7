# SPDX-License-Identifier: Apache-2.0
"""Makes task_metrics.json: scores of multi-label, ordinal and numeric predictions by scikit-learn and scipy.

usage: python task_metrics.py > task_metrics.json
"""
import json
import sys

import numpy as np
from scipy.special import expit, softmax
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    accuracy_score, cohen_kappa_score, f1_score, hamming_loss, log_loss, mean_absolute_error, mean_squared_error,
    precision_recall_fscore_support, precision_score, recall_score)

random = np.random.default_rng(7)


def multi_label(count, rates):
    truth = (random.random((count, len(rates))) < rates).astype(int)
    logits = np.round(random.normal(0, 1.5, truth.shape) + 2 * truth - 1, 3).astype(np.float32)
    probabilities = expit(logits.astype(np.float64))
    guess = (probabilities >= 0.5).astype(int)
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, average=None, zero_division=0)
    # The best F1 of each label over every threshold there is, that of 0.5 among them.
    best = [
        max(f1_score(truth[:, k], probabilities[:, k] >= bound, zero_division=0) for bound in
            [0.5, *probabilities[:, k]])
        for k in range(len(rates))]
    shared = dict(y_true=truth, y_pred=guess, zero_division=0)
    return dict(
        truths=truth.tolist(), logits=logits.tolist(), precision=precision.tolist(), recall=recall.tolist(),
        f1=f1.tolist(), support=support.tolist(), micro_f1=f1_score(average="micro", **shared),
        micro_precision=precision_score(average="micro", **shared),
        micro_recall=recall_score(average="micro", **shared),
        macro_f1=f1_score(average="macro", **shared), exact_match=accuracy_score(truth, guess),
        decision_accuracy=1 - hamming_loss(truth, guess), best_f1=best,
        cross_entropy=float(np.mean([log_loss(truth[:, k], probabilities[:, k], labels=[0, 1])
                                     for k in range(len(rates))])))


def ordinal(count, labels, noise):
    truth = random.integers(0, labels, count)
    steps = np.arange(labels)
    centre = truth + random.normal(0, noise, count)
    logits = np.round(-0.7 * (steps - centre[:, None]) ** 2, 3).astype(np.float32)
    probabilities = softmax(logits.astype(np.float64), axis=1)
    # Of all labels the one with the least expected distance.
    distances = probabilities @ np.abs(steps[:, None] - steps)
    guess = distances.argmin(1)
    return dict(
        truths=truth.tolist(), logits=logits.tolist(), predictions=guess.tolist(),
        mae=mean_absolute_error(truth, guess), within_one=float(np.mean(np.abs(truth - guess) <= 1)),
        kappa=cohen_kappa_score(truth, guess, weights="quadratic", labels=steps))


def numbers(count, noise):
    truth = random.integers(1, 6, count).astype(float)
    guess = np.round(truth + random.normal(0.2, noise, count), 2)
    return dict(
        truths=truth.tolist(), predictions=guess.tolist(), mae=mean_absolute_error(truth, guess),
        rmse=float(np.sqrt(mean_squared_error(truth, guess))), pearson=float(pearsonr(truth, guess)[0]),
        spearman=float(spearmanr(truth, guess)[0]), within_one=float(np.mean(np.abs(truth - guess) <= 1)))


json.dump(
    dict(
        multi_label=[multi_label(120, [0.5, 0.2, 0.05]), multi_label(40, [0.3, 0.3])],
        ordinal=[ordinal(150, 5, 0.8), ordinal(60, 3, 0.5)],
        regression=[numbers(100, 0.9), numbers(30, 0.4)]),
    sys.stdout)
