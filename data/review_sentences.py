"""Film reviews put together by chance, for make_samples.py: films, people and opinions are made up.

A review opens with a line that has nothing to do with the verdict, goes on with the story, may grant one point to the
other side, and closes with one or two sentences of verdict. Counting kind and unkind words is not enough for all of
them: some verdicts are negated ("not boring at all"), and the point granted pulls the other way.
"""

OPENINGS = (
    "We arrived late at night, in the rain, and found the last two seats.",
    "My sister gave me the tickets for my birthday.",
    "I saw this on a long flight with a child kicking my seat.",
    "The cinema was cold and the popcorn was stale.",
    "It was a sunny afternoon and the café next door was lovely.",
    "I had never heard of this director before.",
    "My neighbour has been talking about this one for weeks.",
    "We watched it twice, once with the sound off.",
    "The queue was long and people were in a terrible mood.",
    "I read the book many years ago, at school.",
)
STORIES = (
    "The story follows {who} who inherits {thing} and has to cross {place} in one night.",
    "{Who} comes back to {place} after twenty years, and nobody remembers the name.",
    "Two strangers meet in {place} and fight over {thing}.",
    "It is about {who} who loses {thing} on the first day of the war.",
    "{Who} hides {thing} in {place}, and then the letters begin to arrive.",
    "For an hour {who} waits in {place} for a train.",
)
PEOPLE = ("a retired clockmaker", "a young nurse", "a tired detective", "an old sailor", "a travelling pianist")
THINGS = ("a broken radio", "a red suitcase", "an unfinished map", "his father's boat", "a box of photographs")
PLACES = ("a village in the mountains", "an empty hotel", "the harbour", "a small border town", "the old theatre")
NEUTRAL = (
    "Most of it was filmed in black and white.",
    "It runs for a little over two hours.",
    "The second act takes place on a ship.",
    "There is a song at the end.",
    'One character keeps saying "tomorrow" and never explains it.',
    "The dialogue is partly in French.",
    "A dog appears in nearly every scene.",
)
GRANTED = {
    True: (
        "The beginning is slow, I admit.",
        "Yes, the effects look cheap.",
        "One of the jokes is bad.",
        "The title is awful.",
    ),
    False: (
        "The costumes are beautiful, I admit.",
        "Yes, the music is good.",
        "One scene on the ship is great.",
        "The poster is wonderful.",
    ),
}
VERDICTS = {
    True: (
        "I loved every minute of it.",
        "The acting is wonderful and the ending moved me to tears.",
        "It is not boring at all, and I would see it again tomorrow.",
        "This is one of the best films I have seen in years.",
        "A warm, clever and beautiful film.",
        "Nobody should miss it.",
        "I expected nothing and was delighted.",
        "It never gets dull, and the cast is superb.",
    ),
    False: (
        "I was bored from start to finish.",
        "The acting is wooden and the ending makes no sense.",
        "It is not funny at all, and I would never see it again.",
        "This is one of the worst films I have seen in years.",
        "A cold, stupid and ugly film.",
        "Nobody should waste an evening on it.",
        "I expected a lot and was disappointed.",
        "It never gets going, and the cast is awful.",
    ),
}
BREAK = "<br /><br />"


def review(random, positive):
    """One review. `random`: a numpy Generator; `positive`: its verdict."""

    def pick(choices):
        return choices[random.integers(len(choices))]

    def story():
        who = pick(PEOPLE)
        return pick(STORIES).format(who=who, Who=who[0].upper() + who[1:], thing=pick(THINGS), place=pick(PLACES))

    middle = [story() for _ in range(random.integers(1, 3))]
    middle += [NEUTRAL[i] for i in random.permutation(len(NEUTRAL))[: random.integers(0, 4)]]
    if random.random() < 0.4:
        middle.append(pick(GRANTED[positive]))
    verdict = [VERDICTS[positive][i] for i in random.permutation(len(VERDICTS[positive]))[: random.integers(1, 3)]]
    between = [BREAK if random.random() < 0.5 else " " for _ in range(2)]
    return pick(OPENINGS) + between[0] + " ".join(middle) + between[1] + " ".join(verdict)
