"""Exercises of lesson 0, Start here."""

import math

from gru_lib.exercises.exercise import Exercise, Mistake

CANDIDATE = math.tanh(1.5 * -0.5 + 0.5 * 0.8)
Z = (0.5 - CANDIDATE) / (0.8 - CANDIDATE)
BIAS = math.log(Z / (1 - Z))

EXERCISES = (
    Exercise(
        name="first_gate",
        lesson=0,
        kind="by hand",
        variable="my_b_z",
        prompt=r"""
**Your turn.** In the lab above $h_{t-1} = 0.8$ and $x_t = -0.5$. Find a stand of the bias $b_z$ for which $h_t$ is 0.5, to within 0.02:
by the slider, or on paper. Put it into the cell.
""",
        start="my_b_z = None  # Your turn: where does the slider of b_z stand?",
        solution="""
candidate = np.tanh(1.5 * -0.5 + 0.5 * 0.8)
z = (0.5 - candidate) / (0.8 - candidate)  # from 0.5 = z * 0.8 + (1 - z) * candidate
my_b_z = np.log(z / (1 - z))
""",
        explanation="h lies between the candidate and the old state, and z says where: 0.74 of the way to the old state.",
        hint="Read the candidate off the lab. Which share z of the old state and 1 - z of the candidate make 0.5?",
        right=BIAS,
        within=0.085,
        mistakes=(
            Mistake(
                "z and 1 - z exchanged",
                "With this bias the unit keeps just the share that it should give away.",
                "Is 0.5 nearer to the old state, 0.8, or to the candidate? So is z above or below one half?",
                -BIAS,
            ),
            Mistake(
                "z for b_z",
                "That is a good value for z itself. The slider sets the bias, and z is made of it.",
                "z is sigma of the bias. For which number does sigma give it?",
                Z,
            ),
            Mistake(
                "h for b_z",
                "That is the state that is wanted. The question is where the slider has to stand to give it.",
                answer=0.5,
            ),
        ),
    ),
    Exercise(
        name="where_it_ends",
        lesson=0,
        kind="predict",
        variable="my_end",
        prompt=r"""
**Predict.** Set the input to 0 and $b_z$ to $-4$, so that nearly nothing is kept. $h_t$ is then about 0.39. If the step were repeated many
times, with the new state in place of the old one: where would it end?
""",
        start="my_end = None  # Your turn: the state after very many steps.",
        solution="""
h = 0.8
for _ in range(1000):
    z = 1 / (1 + np.exp(4))
    h = z * h + (1 - z) * np.tanh(0.5 * h)
my_end = h
""",
        explanation="The candidate is tanh(h / 2), less than half of h each time: what is left shrinks to 0.",
        hint="The candidate is tanh(0.5 h). What is it when h is 0.39? And after that?",
        right=0.0,
        within=0.01,
        mistakes=(
            Mistake(
                "one step only",
                "That is where the first step leads. The next one starts from there.",
                answer=0.385,
            ),
            Mistake(
                "keeps",
                "The state would stay there if it were kept. What is z at a bias of -4?",
                answer=0.8,
            ),
            Mistake(
                "the far end",
                "At 1 the candidate would have to be 1 as well. What is tanh(0.5)?",
                answer=1.0,
            ),
        ),
    ),
)
