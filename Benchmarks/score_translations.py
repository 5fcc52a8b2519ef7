# SPDX-License-Identifier: Apache-2.0
"""Scores translations as papers on Multi30k do, and as sacrebleu does.

    attune evaluate multi30k_val.en-fr.tsv --model models/multi30k --save-translations val.fr
    python3 Benchmarks/score_translations.py --pairs multi30k_val.en-fr.tsv --translations val.fr

Papers that train on Moses-tokenised lower-cased text count BLEU on that text: both sides are normalised (punctuation), cut into words
by the Moses tokenizer of the language, and lower-cased; the words are then counted as they stand. The other two lines are plain
sacrebleu and its chrF, with case, as `attune evaluate` prints them.
"""
import argparse
import json

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacremoses import MosesPunctNormalizer, MosesTokenizer


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", required=True, help="TSV of texts and their translations")
    parser.add_argument("--translations", required=True, help="file of translations, one a line")
    parser.add_argument("--language", default="fr")
    parser.add_argument("--header", action="store_true", help="the first line of the pairs names the columns")
    return parser.parse_args()


def prepare(texts, language):
    normalizer, tokenizer = MosesPunctNormalizer(lang=language), MosesTokenizer(lang=language)
    return [tokenizer.tokenize(normalizer.normalize(text), return_str=True, escape=False).lower() for text in texts]


def main():
    options = arguments()
    with open(options.pairs, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    references = [row[1] for row in rows[int(options.header):]]
    with open(options.translations, encoding="utf-8") as file:
        translations = [line.rstrip("\n") for line in file]
    if len(references) != len(translations):
        raise SystemExit(f"{len(references)} references, but {len(translations)} translations")
    words = BLEU(tokenize="none", force=True)
    cased, characters = BLEU(), CHRF()
    result = {
        "pairs": len(references),
        "tokenized_lowercased_bleu": words.corpus_score(
            prepare(translations, options.language), [prepare(references, options.language)]).score,
        "sacrebleu": cased.corpus_score(translations, [references]).score,
        "sacrebleu_signature": str(cased.get_signature()),
        "chrf": characters.corpus_score(translations, [references]).score,
        "sacrebleu_version": sacrebleu.__version__,
    }
    print(json.dumps(result, indent=2))


main()
