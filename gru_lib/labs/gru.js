// The arithmetic every lab shares: one step of a gated recurrent unit, the same equations as gru_lib/gru.py.
// Vectors are arrays; weights are arrays of rows: W (input x hidden), U (hidden x hidden), b and c (hidden).

export function sigmoid(a) {
  return 0.5 * (1 + Math.tanh(0.5 * a)); // never overflows
}

// x W for one row x. It goes through W row by row: a lab computes whole sequences between two frames.
export function product(x, W) {
  const sums = W[0].map(() => 0);
  W.forEach((row, i) => {
    const value = x[i];
    for (let j = 0; j < sums.length; j += 1) sums[j] += value * row[j];
  });
  return sums;
}

// The sum of up to four vectors; those left out count as 0
const add = (a, b, c, d) => a.map((value, j) => value + (b ? b[j] : 0) + (c ? c[j] : 0) + (d ? d[j] : 0));
const times = (a, b) => a.map((value, j) => value * b[j]);

// gru: {reset: "after" | "before", update: "keep" | "write", W_z, U_z, b_z, ...}. c_z and c_r may be left out.
// Returns every number between the inputs and the new state; each is an array with one entry per unit.
export function step(gru, x, hPrev) {
  const a_z = add(product(x, gru.W_z), product(hPrev, gru.U_z), gru.b_z, gru.c_z);
  const a_r = add(product(x, gru.W_r), product(hPrev, gru.U_r), gru.b_r, gru.c_r);
  const z = a_z.map(sigmoid);
  const r = a_r.map(sigmoid);
  const from_x = add(product(x, gru.W_h), gru.b_h);
  const at_door = gru.reset === "after" ? add(product(hPrev, gru.U_h), gru.c_h) : hPrev;
  const let_through = times(r, at_door);
  const from_h = gru.reset === "after" ? let_through : product(let_through, gru.U_h);
  const a_h = add(from_x, from_h);
  const candidate = a_h.map(Math.tanh);
  const keep = gru.update === "write" ? z.map((value) => 1 - value) : z;
  const write = gru.update === "write" ? z : z.map((value) => 1 - value);
  const kept = times(keep, hPrev);
  const written = times(write, candidate);
  const h = add(kept, written);
  return { a_z, a_r, a_h, z, r, from_x, at_door, let_through, from_h, candidate, keep, write, kept, written, h };
}

// A whole sequence, from state 0: one `step` for each row of x. `old`, if given, holds steps already known; only
// those from `start` on are computed.
export function forward(gru, x, old = [], start = 0) {
  const steps = old.slice(0, start);
  for (let t = start; t < x.length; t += 1) {
    steps.push(step(gru, x[t], t > 0 ? steps[t - 1].h : gru.b_z.map(() => 0)));
  }
  return steps;
}
