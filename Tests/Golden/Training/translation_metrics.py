# SPDX-License-Identifier: Apache-2.0
"""Makes translation_metrics.json: BLEU and chrF of sacreBLEU for three sets of translations, and its tokenizers' words.

usage: python translation_metrics.py > translation_metrics.json
"""
import json
import logging
import sys

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.metrics.bleu import _get_tokenizer

logging.disable(logging.WARNING)  # about sentences without effective order

# Each row: two references, then what three systems wrote.
ROWS = [
    ("Le petit chien court après la balle rouge dans le jardin.",
     "Un petit chien poursuit la balle rouge au jardin.",
     "Le petit chien court après la balle rouge dans le jardin.",
     "Un petit chien court après une balle rouge dans un jardin .",
     "le chien rouge court dans la balle"),
    ("« Où est la gare ? » demanda-t-elle.",
     "\u00ab\u202fOù est donc la gare\u202f?\u00a0\u00bb, demanda-t-elle.",
     "«\u00a0Où est la gare\u202f?\u00a0» demanda-t-elle.",
     "\"Où est la gare?\" a-t-elle demandé.",
     ""),
    ("Il a payé 1 234,56 € pour 3-4 pommes, soit 12.5 % de plus.",
     "Il paya 1.234,56 euros pour trois ou quatre pommes, 12,5% de plus.",
     "Il a payé 1,234.56€ pour 3-4 pommes, soit 12,5 % de plus.",
     "Il a payé 1234,56 euros pour 3 - 4 pommes (soit 12.5% de plus).",
     "Il a payé."),
    ("我昨天在图书馆看书。", "昨天我在圖書館讀書。", "我昨天在图书馆读书。", "昨天, 我在图书馆。", "图书馆"),
    ("駅はどこですか？", "駅はどちらですか。", "駅はどこですか?", "えきはどこ？", "駅"),
    ("L'e\u0301te\u0301 fut long ; l'hiver, court…", "L'été fut long, l'hiver bref...",
     "L'été fut long ; l'hiver, court...", "L'e\u0301te\u0301 fut long ; l'hiver, court…", "été hiver"),
    ("Ο ΟΔΥΣΣΕΥΣ ΕΠΙΣΤΡΕΦΕΙ.", "Ο Οδυσσεύς επιστρέφει.", "ο Οδυσσεύς επιστρέφει.",
     "Ο ΟΔΥΣΣΕΥΣ, επιστρέφει", "ΣΑΣ Σ ΑΣ'Σ"),
    ("x &lt; y &amp;&amp; y &gt; z : \"vrai\"", "x < y && y > z : « vrai »", "x < y && y > z : &quot;vrai&quot;",
     "x<y&&y>z:vrai", "<skipped>x et y"),
    ("İstanbul'da hava güzel – 25°C!", "İstanbul’da hava çok güzel: 25 °C!", "istanbul'da hava güzel — 25°C!",
     "İSTANBUL’DA HAVA GÜZEL, 25 C.", "hava"),
    ("Coût : 50£ + 2²=4 ½ tasse 😀👍", "Coût : 50 £ et 2² = 4, une ½ tasse 😀", "Coût: 50£ + 2²=4 ½ tasse 😀👍",
     "Coût : 50 £ + 4 tasses 👍", "tasse\tde\u3000thé\x1cvert\u200bfroid"),
    ("Oui.", "Oui !", "Oui.", "Non.", "Oui"),
    ("En 1999, la fin. (voir p. 3.)", "La fin, en 1999 (voir page 3).", "En 1999, la fin (voir p. 3.) ",
     " En 1999 la fin-\nvoir\np.3.", "[fin] {1999} ~ `3` ^ _ 1999."),
]
REFERENCES = [[row[0] for row in ROWS], [row[1] for row in ROWS]]
SYSTEMS = [[row[index] for row in ROWS] for index in (2, 3, 4)]


def bleu(**settings):
    cases = []
    for count in (1, 2):
        for system in SYSTEMS:
            metric = BLEU(force=True, **settings)
            score = metric.corpus_score(system, REFERENCES[:count])
            cases.append(dict(
                references=count, value=score.score, line=score.format(signature=str(metric.get_signature())),
                sentences=[metric.sentence_score(line, [refs[index] for refs in REFERENCES[:count]]).score
                           for index, line in enumerate(system)]))
    return dict(settings=settings, cases=cases)


def chrf(**settings):
    cases = []
    for count in (1, 2):
        for system in SYSTEMS:
            metric = CHRF(**settings)
            score = metric.corpus_score(system, REFERENCES[:count])
            cases.append(dict(
                references=count, value=score.score, line=score.format(signature=str(metric.get_signature())),
                sentences=[metric.sentence_score(line, [refs[index] for refs in REFERENCES[:count]]).score
                           for index, line in enumerate(system)]))
    return dict(settings=settings, cases=cases)


def words(name):
    tokenizer = _get_tokenizer(name)()
    return [tokenizer(line.rstrip()).split() for lines in REFERENCES + SYSTEMS for line in lines]


json.dump(dict(
    references=REFERENCES, systems=SYSTEMS,
    bleu=[bleu(tokenize=name) for name in ("13a", "none", "char", "intl")]
    + [bleu(lowercase=True), bleu(lowercase=True, tokenize="char"), bleu(effective_order=True), bleu(max_ngram_order=2)]
    + [bleu(smooth_method=name, smooth_value=value, effective_order=order)
       for name, value, order in (("none", None, False), ("floor", None, False), ("floor", 0.05, True),
                                  ("add-k", None, True), ("add-k", 0.5, False))],
    chrf=[chrf(), chrf(word_order=2), chrf(word_order=1, lowercase=True), chrf(whitespace=True),
          chrf(eps_smoothing=True, word_order=2), chrf(beta=1, char_order=3)],
    words={name: words(name) for name in ("13a", "none", "char", "intl")}), sys.stdout)
