#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Trains the classifier inside the program: at most 16 MB, by Attune's commands.
#
#   datasets/train_bundled_classifier.sh FOLDER MINILM VECTORS WORK
#
# FOLDER holds imdb_train.csv.gz, imdb_valid.csv.gz, sst2_train_phrases.csv.gz, sst2_train_sentences.csv.gz, sst2_dev.csv,
# rotten_tomatoes_train.csv.gz, cr.csv and imdb_unsup.txt.gz (one review a line); MINILM is all-MiniLM-L6-v2, VECTORS word vectors
# in the format of GloVe, the most frequent word first. All is written to WORK. What is done is not done again, what was
# interrupted goes on: call it as often as you like. ATTUNE names the program, LAUNCHER what stands before it ("nice -n 19").
#
# 1. adapted: MiniLM guesses hidden words of unlabelled reviews.               about 95 minutes of processor time
# 2. teacher: learns the labels, with all of MiniLM's 30,522 tokens.           70
# 3. trimmed: keeps the 11,000 tokens that reviews, short reviews of everyday things and frequent words use most: of 22.7 million
#    parameters 11.9 million are the table of tokens, and half of the 16 MB would be it. A table of films alone would not hold
#    "battery", "waiter" or "burger"; so each file counts the same, and the 8,000 most frequent words of English are one.   1
# 4. student: the trimmed teacher learns from the whole one what the pieces of dropped words mean, from labelled reviews, and from
#    sentences that the teacher alone labels.                                  60
# 5. int8: 8-bit weights, refused if that costs half a point of IMDB's validation texts.
#
# UCI's sentences, the airline tweets and newcomer_reviews.csv are left out, so that they can judge.
set -euo pipefail
[ $# = 4 ] || { sed -n '3,/^set/{/^#/!q;s/^# \{0,1\}//;p}' "$0" >&2; exit 64; }
data=$1 minilm=$2 vectors=$3 work=$4
here=$(dirname "$0")
read -ra attune <<< "${LAUNCHER:-} ${ATTUNE:-attune}"
# Options of each step, for trials: "--max-steps 2".
: "${ADAPT:=--epochs 1 --learning-rate 4e-4}" "${TEACH:=--window 512 --learning-rate 1e-4 --epochs 1}"
: "${STUDY:=--window 512 --learning-rate 1e-4 --max-steps 2400 --temperature 2 --label-share 0.3}"
: "${VOCABULARY:=11000}" "${SENTENCES:=60000}" "${EVERYDAY:=6000}" "${PRECISION:=int16}" "${TOLERANCE:=0.005}"
mkdir -p "$work"

# Makes the folder of a run, or goes on with it, unless it is done.
step() {
  local folder=$work/$1 resume=()
  shift
  [ -e "$folder.done" ] && return
  [ -e "$folder/run.json" ] && resume=(--resume)
  echo "\$ ${attune[*]} $* --output $folder ${resume[*]}" >&2
  "${attune[@]}" "$@" --output "$folder" "${resume[@]}"
  touch "$folder.done"
}

# Writes a table with the names of labels: those of `negative` and of `positive` are given, rows with others left out.
named() {
  [ -e "$2" ] || python3 -c '
import csv, gzip, sys
source, output, negative, positive = sys.argv[1:]
names = {negative: "negative", positive: "positive", "negative": "negative", "positive": "positive"}
with (gzip.open if source.endswith(".gz") else open)(source, "rt", encoding="utf-8", newline="") as file:
    rows = [(row["text"], names[row["label"]]) for row in csv.DictReader(file) if row["label"] in names]
with open(output, "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([("text", "label"), *rows])' "$@"
}

[ -e "$work/everyday.csv" ] || python3 "$here/make_everyday_reviews.py" "$work/everyday.csv" --count "$EVERYDAY"
[ -e "$work/sentences.txt" ] || python3 "$here/make_sentences.py" "$data/imdb_unsup.txt.gz" "$work/sentences.txt" --count "$SENTENCES"
[ -e "$work/train.csv" ] || python3 "$here/make_review_training_file.py" "$data" "$work/train.csv" imdb_train.csv.gz \
  sst2_train_phrases.csv.gz sst2_train_sentences.csv.gz rotten_tomatoes_train.csv.gz cr.csv "$work/everyday.csv"
[ -e "$work/words.txt" ] || python3 -c '
import gzip, itertools, sys
with (gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt", encoding="utf-8") as lines:
    print(*(line.split(" ")[0] for line in itertools.islice(lines, 8000)), sep="\n")' "$vectors" > "$work/words.txt"

named "$data/imdb_valid.csv.gz" "$work/valid.csv" 0 1
[ ! -e "$data/airline_tweets.csv.gz" ] || named "$data/airline_tweets.csv.gz" "$work/airline.csv" 0 2

step adapted pretrain "$data/imdb_unsup.txt.gz" --from "$minilm" --precision "$PRECISION" $ADAPT
step teacher train classifier "$work/train.csv" --validation "$work/valid.csv" --from "$work/adapted" \
  --precision "$PRECISION" $TEACH
[ -e "$work/trimmed" ] || "${attune[@]}" convert --model "$work/teacher" --output "$work/trimmed" --vocabulary "$VOCABULARY" \
  --texts "$data/imdb_unsup.txt.gz" --texts "$work/everyday.csv" --texts "$data/cr.csv" --texts "$work/words.txt"
step student distill "$work/train.csv" --validation "$work/valid.csv" --teacher "$work/teacher" \
  --from "$work/trimmed" --unlabelled "$work/sentences.txt" --precision "$PRECISION" $STUDY
[ -e "$work/small" ] || "${attune[@]}" convert --model "$work/student" --output "$work/small" --layout attune --weights int8 \
  --validation "$work/valid.csv" --tolerance "$TOLERANCE"
echo "$(cat "$work"/small/* | wc -c) bytes"
for set in "$data/sst2_dev.csv" "$data/imdb_test_half.csv.gz" "$data/rotten_tomatoes_valid.csv" "$data/uci_sentences.csv" \
  "$work/airline.csv" "$here/reviews_test.csv" "$here/newcomer_reviews.csv"; do
  [ ! -e "$set" ] || echo "$(basename "$set"): $("${attune[@]}" evaluate "$set" --model "$work/small" --quiet | head -1)"
done
