# SPDX-License-Identifier: Apache-2.0
"""Makes yardstick.json: what scikit-learn's TF-IDF with linear models says of sentences of made-up words.

One label by logistic regression, sets of labels by one for each label, numbers by ridge regression.

usage: python yardstick.py > yardstick.json
"""
import json
import sys

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

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


def features():
    return TfidfVectorizer(
        token_pattern=r"[^\W_]+(?:'[^\W_]+)*", ngram_range=(1, 2), min_df=2, sublinear_tf=True)


stars = [int(l) for l in random.integers(0, 3, 120)]
texts, tests = [sentence(l) for l in stars], [sentence(i % 3) for i in range(20)] + [""]
sets = [[bool(l > 0), bool(random.random() < 0.3)] for l in stars]
vectors = features()
rows = vectors.fit_transform(texts)
test_rows = vectors.transform(tests)
logits = [
    LogisticRegression(C=10, tol=1e-9, max_iter=10000).fit(rows, [s[k] for s in sets]).decision_function(test_rows)
    for k in range(2)]
mean, deviation = np.mean(stars), np.std(stars)
numbers = Ridge(alpha=1, tol=1e-10).fit(rows, (np.array(stars) - mean) / deviation).predict(test_rows)
json.dump(
    dict(
        cases=cases, texts=texts, tests=tests, sets=[[int(x) for x in s] for s in sets],
        set_logits=np.stack(logits, 1).tolist(), stars=stars, numbers=(numbers * deviation + mean).tolist()),
    sys.stdout)
