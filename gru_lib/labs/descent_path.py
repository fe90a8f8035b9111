"""Gradient descent on a curve J(theta), and whether it converges. descent_path.js is the same in the browser.

Both use only +, -, *, / and the square root, in the same order: these are exact to the last bit in every language,
so that even a chaotic path is the same in both.
"""

import math
from bisect import bisect_right
from itertools import pairwise

STEPS = 100
LOW, HIGH = -3.0, 3.0  # the range of theta in the picture of the built-in curves
THRESHOLD = 4.0  # of the bowl: 2 / curvature


def bowl(t):
    """J, its slope and its curvature: a parabola of curvature 1/2."""
    return 0.25 * t * t, 0.5 * t, 0.5


def two_valleys(t):
    """J, its slope and its curvature: the left valley is the deeper one."""
    q = t * t - 4
    return q * q / 32 + 0.1 * t + 0.3, t * q / 8 + 0.1, (3 * t * t - 4) / 8


def plateau(t):
    """J, its slope and its curvature: a valley between plains, where the cost saturates."""
    q = 1 + t * t
    return 4 * t * t / q, 8 * t / (q * q), 8 * (1 - 3 * t * t) / (q * q * q)


def cliff(t):
    """J, its slope and its curvature: a gentle way down ends at a wall (after Pascanu et al. 2013, figure 6)."""
    u = 12 * (t - 1)
    w = math.sqrt(1 + u * u)
    gentle = t - 3
    return (
        0.05 * gentle * gentle + 1.5 * (1 + u / w),
        0.1 * gentle + 18 / (w * w * w),
        0.1 - 648 * u / (w * w * w * w * w),
    )


CURVES = {"bowl": bowl, "two valleys": two_valleys, "plateau": plateau, "cliff": cliff}


def sampled(theta, J, slope):
    """A curve through samples with given slopes: cubic Hermite pieces between them. Lists of floats."""

    def curve(t):
        i = min(max(bisect_right(theta, t) - 1, 0), len(theta) - 2)
        wide = theta[i + 1] - theta[i]
        u = (t - theta[i]) / wide
        rise = J[i + 1] - J[i]
        m, n = slope[i] * wide, slope[i + 1] * wide
        c = 3 * rise - 2 * m - n
        d = m + n - 2 * rise
        return (
            J[i] + u * (m + u * (c + u * d)),
            (m + u * (2 * c + 3 * d * u)) / wide,
            (2 * c + 6 * d * u) / (wide * wide),
        )

    return curve


def descend(curve, start, rate, clip, low, high):
    """The path of at most STEPS steps, a list of theta; it ends early where it leaves low to high.

    A slope larger than `clip` is cut to that size; 0 cuts nothing.
    """
    path = [start]
    while len(path) <= STEPS and low <= path[-1] <= high:
        slope = cut(curve(path[-1])[1], clip)
        path.append(path[-1] - rate * slope)
    return path


def cut(slope, clip):
    """The slope, its size limited to `clip` if that is not 0."""
    return min(clip, max(-clip, slope)) if clip > 0 else slope


def judge(name, curve, path, rate, clip, low, high):
    """What becomes of the path: "converges", "oscillates", "diverges", "stalls", "leaves" or "under way"."""
    end = path[-1]
    if not low <= end <= high:
        return "leaves" if name == "slice" else "diverges"
    if name == "bowl" and clip == 0 and path[0] != 0:
        # Each step multiplies theta by 1 - rate * curvature: the verdict is exact, however long it takes.
        return "diverges" if rate > THRESHOLD else "oscillates" if rate == THRESHOLD else "converges"
    moves = [b - a for a, b in pairwise(path)]
    last, width = moves[-20:], high - low
    bent = curve(end)[2]
    if abs(last[-1]) <= 1e-6 * width:
        return "converges" if bent > 0 else "stalls"
    turns = sum(a * b < 0 for a, b in pairwise(last))
    if turns == len(last) - 1 and abs(last[-1]) < 0.99 * abs(last[-3]):
        return "converges"
    if turns >= 5:
        return "oscillates"
    # Shrinking like this, the steps to come add up to about last^2 / (one before - last).
    less = abs(last[-2]) - abs(last[-1])
    if turns == 0 and bent > 0 and last[-1] * last[-1] < 0.02 * width * less:
        return "converges"
    return "stalls" if abs(end - path[0]) < 0.03 * width else "under way"
