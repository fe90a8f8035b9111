// The arithmetic every lab shares: one step of a gated recurrent unit, the same equations as gru_lib/gru.py.
// Vectors are arrays; weights are arrays of rows: W (input x hidden), U (hidden x hidden), b and c (hidden).

export function sigmoid(a) {
  return 0.5 * (1 + Math.tanh(0.5 * a)); // never overflows
}

// x W for one row x
export function product(x, W) {
  return W[0].map((_, j) => x.reduce((sum, value, i) => sum + value * W[i][j], 0));
}

// gru: {reset: "after" | "before", update: "keep" | "write", W_z, U_z, b_z, ...}. c_z and c_r may be left out.
// Returns every number between the inputs and the new state; each is an array with one entry per unit.
export function step(gru, x, hPrev) {
  const add = (...terms) => terms[0].map((_, j) => terms.reduce((sum, term) => sum + (term ? term[j] : 0), 0));
  const times = (a, b) => a.map((value, j) => value * b[j]);

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
