// Gradient descent on a curve J(theta), and whether it converges: the same as descent_path.py. Both use only +, -, *,
// / and the square root, in the same order, so that even a chaotic path is the same in both to the last bit.

export const STEPS = 100;
export const THRESHOLD = 4; // of the bowl: 2 / curvature

// Each gives [J, slope, curvature].
export const CURVES = {
  bowl: (t) => [0.25 * t * t, 0.5 * t, 0.5],
  "two valleys": (t) => {
    const q = t * t - 4;
    return [(q * q) / 32 + 0.1 * t + 0.3, (t * q) / 8 + 0.1, (3 * t * t - 4) / 8];
  },
  plateau: (t) => {
    const q = 1 + t * t;
    return [(4 * t * t) / q, (8 * t) / (q * q), (8 * (1 - 3 * t * t)) / (q * q * q)];
  },
  cliff: (t) => {
    const u = 12 * (t - 1);
    const w = Math.sqrt(1 + u * u);
    const gentle = t - 3;
    return [
      0.05 * gentle * gentle + 1.5 * (1 + u / w),
      0.1 * gentle + 18 / (w * w * w),
      0.1 - (648 * u) / (w * w * w * w * w),
    ];
  },
};

// A curve through samples with given slopes: cubic Hermite pieces between them.
export function sampled({ theta, J, slope }) {
  return (t) => {
    let i = 0;
    let end = theta.length - 1;
    while (end - i > 1) {
      const middle = (i + end) >> 1;
      if (theta[middle] <= t) i = middle;
      else end = middle;
    }
    const wide = theta[i + 1] - theta[i];
    const u = (t - theta[i]) / wide;
    const rise = J[i + 1] - J[i];
    const m = slope[i] * wide;
    const n = slope[i + 1] * wide;
    const c = 3 * rise - 2 * m - n;
    const d = m + n - 2 * rise;
    return [
      J[i] + u * (m + u * (c + u * d)),
      (m + u * (2 * c + 3 * d * u)) / wide,
      (2 * c + 6 * d * u) / (wide * wide),
    ];
  };
}

export const clipped = (slope, clip) => (clip > 0 ? Math.min(clip, Math.max(-clip, slope)) : slope);

// The path of at most STEPS steps; it ends early where it leaves low to high.
export function descend(curve, start, rate, clip, low, high) {
  const path = [start];
  let now = start;
  while (path.length <= STEPS && low <= now && now <= high) {
    now -= rate * clipped(curve(now)[1], clip);
    path.push(now);
  }
  return path;
}

// What becomes of the path: "converges", "oscillates", "diverges", "stalls", "leaves" or "under way".
export function judge(name, curve, path, rate, clip, low, high) {
  const end = path[path.length - 1];
  if (!(low <= end && end <= high)) return name === "slice" ? "leaves" : "diverges";
  if (name === "bowl" && clip === 0 && path[0] !== 0) {
    // Each step multiplies theta by 1 - rate * curvature: the verdict is exact, however long it takes.
    if (rate > THRESHOLD) return "diverges";
    return rate === THRESHOLD ? "oscillates" : "converges";
  }
  const last = path.slice(1).map((theta, k) => theta - path[k]).slice(-20);
  const size = (back) => Math.abs(last[last.length - back]);
  const width = high - low;
  const bent = curve(end)[2];
  if (size(1) <= 1e-6 * width) return bent > 0 ? "converges" : "stalls";
  const turns = last.filter((move, k) => k > 0 && move * last[k - 1] < 0).length;
  if (turns === last.length - 1 && size(1) < 0.99 * size(3)) return "converges";
  if (turns >= 5) return "oscillates";
  // Shrinking like this, the steps to come add up to about last^2 / (one before - last).
  const less = size(2) - size(1);
  if (turns === 0 && bent > 0 && size(1) * size(1) < 0.02 * width * less) return "converges";
  return Math.abs(end - path[0]) < 0.03 * width ? "stalls" : "under way";
}
