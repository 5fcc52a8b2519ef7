# SPDX-License-Identifier: Apache-2.0
"""Makes yardstick.json: probabilities of scikit-learn's TF-IDF + logistic regression on sentences of made-up words.

usage: python yardstick.py > yardstick.json
"""
import json
import sys

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

random = np.random.default_rng(11)
WORDS = ["Good", "bad", "don't", "ÉTÉ", "straße", "a", "x1", "naïve", "FILM", "plot", "so", "2024", "it's", "dull", "fun"]
BREAKS = [" ", ", ", "... ", " - ", "\n", "! '", "' "]


def sentence(label):
    weights = np.ones(len(WORDS))
    weights[label * 4:label * 4 + 4] += 2
    picked = random.choice(WORDS, random.integers(3, 12), p=weights / weights.sum())
    return "".join(w + random.choice(BREAKS) for w in picked)


cases = []
for label_count, weights, sublinear in [(2, None, True), (3, None, False), (3, "balanced", True)]:
    labels = [int(l) for l in random.choice(label_count, 120, p=[0.6, 0.4] if label_count == 2 else [0.5, 0.3, 0.2])]
    texts = [sentence(l) for l in labels]
    tests = [sentence(i % label_count) for i in range(20)] + ["", "unseen words only"]
    vectors = TfidfVectorizer(
        token_pattern=r"[^\W_]+(?:'[^\W_]+)*", ngram_range=(1, 2), min_df=2, sublinear_tf=sublinear)
    model = LogisticRegression(C=10, tol=1e-9, max_iter=10000, class_weight=weights)
    model.fit(vectors.fit_transform(texts), labels)
    cases.append(dict(
        label_count=label_count, balanced=weights is not None, sublinear=sublinear, texts=texts, labels=labels,
        tests=tests, probabilities=model.predict_proba(vectors.transform(tests)).tolist()))
json.dump(dict(cases=cases), sys.stdout)
