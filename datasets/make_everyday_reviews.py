# SPDX-License-Identifier: Apache-2.0
"""Writes short made-up reviews of products, deliveries and restaurants with their labels, to train on beside real ones.

    python3 datasets/make_everyday_reviews.py OUTPUT.csv [--count 6000] [--seed 0]

Published sets of reviews are of films, or twenty years old: few of their sentences are as short as "Broke after two days.", and
"not bad at all" hardly stands in them. Sentences are put together from things, what may be said of them, verdicts and turns of
phrase, so that each label follows from how it was made: "not" before praise is a complaint, of "but" the second half counts, and
some are in capitals, misspelt, or end in a mark out of five. Equal ones are written once; none of newcomer_reviews.csv is written.
"""
import argparse
import csv
import pathlib
import random

POSITIVE, NEGATIVE = "positive", "negative"

# Things, and what is said of them, "is" before it: (whose they are, things, praise, complaints).
EATING_OUT = [
    (["The", "The", "Our", "My"],
     ["food", "soup", "pasta", "burger", "salad", "chicken", "dessert", "sauce", "rice", "breakfast", "sandwich", "steak"],
     ["delicious", "tasty", "fresh", "excellent", "perfectly cooked", "full of flavor", "amazing", "really good"],
     ["cold", "bland", "greasy", "overcooked", "undercooked", "tasteless", "stale", "too salty", "disgusting", "soggy"]),
    (["The"], ["service", "staff", "waiter", "waitress", "manager", "owner", "host", "team"],
     ["friendly", "helpful", "quick", "polite", "attentive", "professional", "great", "lovely"],
     ["rude", "slow", "unfriendly", "useless", "careless", "terrible", "clueless", "unprofessional"]),
    (["The", "This"], ["place", "restaurant", "terrace", "cafe", "bar", "diner", "bakery"],
     ["clean", "cozy", "beautiful", "charming", "relaxed", "spotless", "worth a visit"],
     ["dirty", "noisy", "crowded", "overpriced", "filthy", "run down", "a tourist trap"]),
]
SHOPPING = [
    (["The"], ["support", "seller", "customer service", "delivery", "courier", "shop"],
     ["friendly", "helpful", "quick", "reliable", "professional", "great", "lightning fast"],
     ["rude", "slow", "unreliable", "useless", "careless", "terrible", "impossible to reach"]),
    (["The", "My", "This"],
     ["battery", "charger", "phone", "laptop", "camera", "speaker", "headset", "printer", "router", "vacuum cleaner", "watch"],
     ["reliable", "fast", "excellent", "easy to use", "great", "impressive", "worth every cent"],
     ["useless", "defective", "slow", "unreliable", "dead already", "a joke", "faulty", "junk"]),
    (["The", "My", "This"], ["jacket", "dress", "shirt", "bag", "sweater", "blanket", "pillow", "mattress", "chair", "backpack"],
     ["comfortable", "soft", "well made", "gorgeous", "warm", "sturdy", "true to size"],
     ["uncomfortable", "badly made", "scratchy", "flimsy", "ugly", "falling apart", "two sizes too small"]),
    (["The"], ["price", "quality", "packaging", "screen", "sound", "picture", "app", "website", "fabric", "keyboard", "material"],
     ["great", "excellent", "fantastic", "surprisingly good", "very good", "perfect"],
     ["awful", "terrible", "poor", "a disappointment", "ridiculous", "below average"]),
]
# Of the things that are bought, those that something can happen to.
BOUGHT = SHOPPING[1][1] + SHOPPING[2][1]
# What happened.
PRAISE = [
    "arrived a day early", "came well packed", "fits like a glove", "works as described", "works right out of the box",
    "was easy to assemble", "has lasted for years", "does exactly what it should", "makes my life easier", "is used every day",
    "survived three moves", "charges in no time", "still works after a year", "looks even better than in the photo",
    "made my kids smile", "saved me a lot of time", "cleans up nicely", "was worth the wait", "is a lifesaver", "is a keeper",
    "pairs in a second", "stays cool even after hours", "hardly makes a sound", "holds up well", "is lighter than I thought",
    "lasts all day", "charges overnight and lasts the week", "looks more expensive than it is", "passed the rain test",
    "feels solid", "washes well and keeps its shape", "gets compliments all the time", "is still going strong",
    "replaced two others on my desk", "was simple enough for my grandfather", "kept me warm all winter", "paid for itself"]
COMPLAINTS = [
    "arrived damaged", "came three weeks late", "never arrived", "broke after one use", "fell apart within a month",
    "stopped working after two days", "does not turn on", "is missing parts", "keeps disconnecting", "leaks",
    "overheats", "lost its color after one wash", "ripped the first time I wore it", "smells of chemicals", "was the wrong size",
    "was clearly used before", "would not charge", "died after a month", "came with scratches all over", "makes a horrible noise",
    "gets so hot that I am afraid of a fire", "stinks", "burned my hand", "gave me a rash", "started to rust", "began to flicker",
    "freezes all the time", "drains in two hours", "has a dead pixel in the middle", "cracked in the cold", "came unglued",
    "wobbles", "squeaks with every move", "shrank in the wash", "faded in the sun", "lost two buttons on the first day",
    "came without a charger", "arrived soaking wet", "arrived with a broken seal", "turned out to be a cheap copy",
    "had hair on it", "cut out during every call", "needs a new part every month", "fell apart in my hands",
    "snapped in half", "tore at the seam", "went dark after the update", "blew a fuse", "tips over", "is stuck at the border"]
EVENTS = {
    "eating": {
        POSITIVE: [
            "We were seated right away", "The chef came out to greet us", "Our kids got crayons and extra fries",
            "The portions were generous", "We left full and happy", "They remembered my allergy",
            "The waiter recommended the perfect wine", "Everything was ready when we arrived", "Even the kids ate everything",
            "Refills were free", "They made room for all ten of us", "They brought a high chair before we asked",
            "The bread came straight from the oven", "I dream of that cheesecake", "We ordered seconds", "I licked the plate",
            "My picky son finished his plate", "They split the bill without a fuss", "The owner stopped by to chat",
            "Dessert was on the house", "We stayed until they closed", "Half the menu is vegan", "I bring all my guests here",
            "They even sang for my mother", "The cook made something off the menu for us", "My cup was never empty",
            "The smell alone made us stop", "I could eat there every day", "The fries were crispy", "The wine list is a treat"],
        NEGATIVE: [
            "We waited forty minutes for drinks", "They forgot half of our order", "There was plastic in my soup",
            "The bill was wrong", "I got sick the next day", "The table was sticky", "We left hungry", "They gave our table away",
            "My glass had lipstick on it", "The kitchen closed before we could order", "They ignored us the whole evening",
            "There was a fly in my drink", "I found a piece of glass in my rice", "There was mold on the bread",
            "The fish smelled off", "The chicken was pink inside", "The toilet had no paper", "A cockroach ran over the floor",
            "They added a tip without asking", "My plate was chipped", "The waiter dropped my food and served it anyway",
            "I spent the night in the bathroom", "They ran out of everything we wanted", "We sat in a draft",
            "They shouted at each other in the kitchen", "They put us next to the bins", "The host laughed at my question",
            "We gave up and went home", "The meat was all fat", "My coffee was lukewarm", "They served somebody else first",
            "The reservation was gone", "Our waiter vanished for half an hour", "They asked us to hurry", "The cutlery was dirty",
            "The salad was swimming in oil", "It took three reminders to get a fork", "The kids' meal came last"]},
    "shopping": {
        POSITIVE: [
            "They replaced it for free", "I got my money back the same day", "They answered within minutes",
            "They went out of their way to help", "I have already ordered another one", "My whole family uses it now",
            "My mother wants one too", "It was cheaper than in the store", "Setup took two minutes", "Shipping was free and fast",
            "They put a handwritten note in the box", "The courier waited until I was down the stairs",
            "A real person picked up after one ring", "I forgot that I am wearing it", "My cat loves it",
            "I gave one to every friend",
            "It finally fixed my back pain", "I sleep through the night now", "Now I hear every word",
            "They sent the missing screw overnight", "They let me swap the size for free", "I wish I had bought it years ago",
            "My skin has never been this soft", "I was up and running before lunch", "It saved our vacation",
            "My coffee tastes so much better now", "It even came gift wrapped", "Half the weight of my old one"],
        NEGATIVE: [
            "Nobody answers the phone", "They refuse to refund me", "They never replied to my complaint",
            "The courier threw it over the fence", "I had to throw it away", "I ended up returning it",
            "They sent me the wrong item twice", "They blamed me for it", "I spent hours on hold", "The manual is only in Chinese",
            "I paid for express and waited two weeks", "Still no reply", "Still waiting for a replacement",
            "I have been waiting for my money since May", "They charged my card three times", "They left it at the wrong house",
            "The tracking number does not exist", "The parcel was open and empty", "The box looked like somebody stood on it",
            "It went straight into the bin", "My old one was better", "The return label cost more than the thing itself",
            "They closed my ticket without a word", "The reviews must be fake", "I had to buy the cable separately",
            "It turned my laundry pink", "My wrist went green", "The alarm went off for no reason at night",
            "My son cut his finger on it", "The update made it worse", "It woke up the whole house", "Two of the four arrived broken",
            "The photos lie", "I fell for the ad", "Customs kept it and nobody cared", "They wanted me to pay for the repair",
            "The lid pops open in the bag", "It only works when it wants to", "One sleeve is longer than the other"]}}
VERDICTS = {
    POSITIVE: [
        "Highly recommended", "Would order again", "Love it", "Very happy with it", "Worth the price", "Great buy", "I recommend it",
        "Thumbs up", "Top quality", "We'll be back for sure", "Two thumbs up", "Couldn't ask for more", "Really pleased",
        "A real bargain", "Money well spent", "Best I've had in years", "Exceeded my expectations", "My new favorite",
        "You get what you pay for and more", "Just buy it", "Will shop here again", "Absolutely worth it"],
    NEGATIVE: [
        "Very disappointed", "Would not buy again", "Save your money", "Never again", "Total waste", "Stay away", "Hated it",
        "Don't bother", "A rip-off", "I want my money back", "Not recommended", "Very unhappy", "What a letdown", "Avoid",
        "Worst purchase ever", "Look elsewhere", "Going back to the store", "Not coming back", "Complete garbage", "A scam"]}
# Turns of phrase in which a negation does not mean what its words do.
TURNS = {
    POSITIVE: [
        "Not bad", "Not too bad", "Not half bad", "Not bad for the price", "Really not bad", "It's not bad at all actually",
        "Nothing to complain about", "I can't complain", "No complaints here", "No issues so far", "No problems at all", "No regrets",
        "Never lets me down", "It has never let me down", "Hasn't failed me yet", "I can't stop using it", "You can't go wrong",
        "Can't beat the price", "Hard to beat", "I couldn't be more satisfied", "Couldn't have been better",
        "It doesn't get any better", "I have nothing but praise", "Nothing beats it", "Don't hesitate to buy it",
        "I wasn't disappointed", "We were not disappointed", "It did not disappoint", "Never a dull moment here",
        "I wouldn't change a thing", "There is nothing I don't like about it", "Not a single problem in two years",
        "I don't regret buying it", "You won't be disappointed", "You won't find better", "I would not want to be without it",
        "Never had better", "I haven't had any trouble with it", "Nobody in our family wants any other", "Without a doubt the best",
        "Not cheap, but you get quality", "I didn't expect much and was blown away", "I was skeptical, not any more"],
    NEGATIVE: [
        "Not good", "Not great", "Not very good", "Not what I ordered", "Not worth it", "Not worth a cent", "Not even close",
        "Not impressed", "Not happy", "I'm not satisfied", "No good", "No better than the cheap one", "Never worked",
        "It never worked properly", "It doesn't do what it says", "It doesn't fit", "I can't recommend it", "I don't recommend it",
        "I wouldn't buy it again", "I wouldn't wish it on anyone", "Wouldn't even give it away", "I didn't like it",
        "We didn't enjoy it", "I don't like it at all", "It isn't worth the trouble", "It wasn't as advertised", "Nothing works",
        "Nothing like the description", "Nothing good to say about it", "Nobody helped us", "No one cared", "Not fresh at all",
        "I have never been so disappointed", "I will never order here again", "Don't waste your time", "Don't fall for it",
        "It couldn't be worse", "Can't believe I paid for this", "I can't get it to work", "Cannot be repaired",
        "I expected more", "I had high hopes, but no", "It was supposed to be waterproof, it is not"]}
MARKS = {
    POSITIVE: [
        "4 stars", "5 stars", "four stars", "five stars", "five stars from us", "4 out of 5", "5/5", "9/10", "easily 5 stars",
        "4.5 stars"],
    NEGATIVE: [
        "1 star", "2 stars", "one star", "two stars", "one star at best", "1 out of 5", "2/5", "2/10", "even one star is too much",
        "0 stars"]}
BUTS = {POSITIVE: ["but", "but", "though", "however", "yet"], NEGATIVE: ["but", "but sadly", "though", "however", "yet"]}
OTHER = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}


class Writer:
    def __init__(self, seed):
        self.random, self.area = random.Random(seed), "shopping"

    def pick(self, items):
        return self.random.choice(items)

    def adjective(self, label):
        """A sentence about a thing; now and then the opposite is denied."""
        owners, things, praise, complaints = self.pick(EATING_OUT if self.area == "eating" else SHOPPING)
        kinds = {POSITIVE: praise, NEGATIVE: complaints}
        subject, verb = f"{self.pick(owners)} {self.pick(things)}", self.pick(["is", "was"])
        kind = self.random.random()
        if kind < 0.65:
            said = self.pick(kinds[label])
            return f"{subject} {verb} {self.pick(['', '', 'really ', 'so ', 'just ']) if ' ' not in said else ''}{said}"
        if kind < 0.85:
            degree = self.pick(["", " at all"])
            return f"{subject} {self.pick([verb + ' not', verb + 'n' + chr(39) + 't'])} {self.pick(kinds[OTHER[label]])}{degree}"
        if label == NEGATIVE:
            return f"I don't think {self.lowered(subject)} {verb} {self.pick(praise)}"
        return f"{subject} was never {self.pick(complaints)}"

    def happening(self, label):
        """What a thing did that was bought."""
        thing = self.pick(["It", *(f"{owner} {self.pick(BOUGHT)}" for owner in ("The", "My", "This"))])
        return f"{thing} {self.pick(PRAISE if label == POSITIVE else COMPLAINTS)}"

    def clause(self, label):
        return self.pick([
            self.adjective, self.adjective, self.happening if self.area == "shopping" else self.adjective,
            lambda known: self.pick(EVENTS[self.area][known]),
            lambda known: self.pick(VERDICTS[known]), lambda known: self.pick(TURNS[known])])(label)

    def sentence(self, label):
        self.area = self.pick(["eating", "shopping"])
        first, kind = self.clause(label), self.random.random()
        if kind < 0.15:
            return self.pick([self.pick(TURNS[label]), self.pick(VERDICTS[label])])
        if kind < 0.5:
            return first
        if kind < 0.65:
            return f"{first}. {self.clause(label)}"
        if kind < 0.75:
            other, verdict = self.clause(OTHER[label]), self.pick(VERDICTS[label] + TURNS[label])
            return f"{other}, {self.pick(BUTS[label])} {self.lowered(first)}. {verdict}"
        if kind < 0.85:
            return f"{self.adjective(OTHER[label])} {self.pick(BUTS[label])} {self.lowered(self.adjective(label))}"
        mark = self.pick(MARKS[label])
        return f"{first}, {mark}" if kind < 0.97 else mark

    @staticmethod
    def lowered(sentence):
        return sentence if sentence.startswith(("I ", "I'")) else sentence[0].lower() + sentence[1:]

    def spelled(self, sentence):
        """With an end; some in capitals, in small letters, or with a slip of the fingers."""
        kind = self.random.random()
        end = self.pick([".", ".", ".", "!", "", "!!!"])
        if kind < 0.05:
            return sentence.upper() + self.pick(["", "!", "!!!"])
        if kind < 0.15:
            return sentence.lower() + self.pick(["", "", "..."])
        if kind < 0.22 and len(sentence) > 12:
            place = self.random.randrange(2, len(sentence) - 2)
            if sentence[place].isalpha() and sentence[place + 1].isalpha():
                swapped = sentence[place + 1] + sentence[place]
                return sentence[:place] + self.pick([swapped, sentence[place] * 2 + sentence[place + 1]]) + sentence[place + 2:] + end
        return sentence + end


def key(text):
    return "".join(character for character in text.lower() if character.isalnum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--count", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with open(pathlib.Path(__file__).parent / "newcomer_reviews.csv", encoding="utf-8", newline="") as file:
        seen = {key(row["text"]) for row in csv.DictReader(file)}
    writer, rows = Writer(options.seed), []
    # Single turns of phrase soon stand there already: so many tries are enough for any count that makes sense.
    for attempt in range(20 * options.count):
        label = (POSITIVE, NEGATIVE)[attempt % 2]
        text = writer.spelled(writer.sentence(label))
        if key(text) not in seen:
            seen.add(key(text))
            rows.append((text, label))
        if len(rows) == options.count:
            break
    with open(options.output, "w", encoding="utf-8", newline="") as file:
        output = csv.writer(file, lineterminator="\n")
        output.writerow(["text", "label"])
        output.writerows(rows)


main()
