// The plain RNN, the GRU (reset after the product) and the LSTM, each with one input, and the way of a gradient back
// through them: the JavaScript of gru_lib/rnn.py, gru.py, lstm.py and of gradients.flow.
// Matrices are flat: U[i * n + j] leads from unit i to unit j. A signal has rows of n numbers, one for each unit of
// h_T (the Jacobian dh_T / dh_t) and a last one that starts as dL/dh_T.
import { sigmoid } from "./gru.js";

// x w + h U + b, for one step
function preactivation(x, h, W, U, b) {
  const n = W.length;
  const a = new Float64Array(n);
  for (let j = 0; j < n; j += 1) a[j] = x * W[j] + b;
  addProduct(a, h, U);
  return a;
}

function addProduct(out, h, U) {
  const n = h.length;
  for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) out[j] += h[i] * U[i * n + j];
}

// out += d U^T, row by row
function addThrough(out, d, U, n) {
  for (let row = 0; row < d.length; row += n) {
    for (let i = 0; i < n; i += 1) {
      let sum = 0;
      for (let j = 0; j < n; j += 1) sum += d[row + j] * U[i * n + j];
      out[row + i] += sum;
    }
  }
  return out;
}

// every row of a signal times one factor for each unit
function timesEach(signal, n, factor) {
  const factors = new Float64Array(n);
  for (let j = 0; j < n; j += 1) factors[j] = factor(j);
  const out = new Float64Array(signal.length);
  for (let row = 0; row < out.length; row += n) {
    for (let j = 0; j < n; j += 1) out[row + j] = signal[row + j] * factors[j];
  }
  return out;
}

function addTo(out, ...others) {
  for (const other of others) for (let at = 0; at < out.length; at += 1) out[at] += other[at];
  return out;
}

// Each cell: one step forward, which returns what the step leaves behind, and the same step back. `back` returns the
// signal one step earlier, the parts it is the sum of, and by gate dL/d of what W and what U gave.
const CELLS = {
  rnn: {
    step(w, x, { h: h_prev }) {
      return { x, h_prev, h: preactivation(x, h_prev, w.W.h, w.U.h, 0).map(Math.tanh) };
    },
    back(w, s, { h: signal }) {
      const n = s.h.length;
      const d = timesEach(signal, n, (j) => 1 - s.h[j] * s.h[j]);
      return { h: addThrough(new Float64Array(signal.length), d, w.U.h, n), parts: [], from_W: { h: d }, from_U: {} };
    },
  },
  gru: {
    step(w, x, { h: h_prev }) {
      const z = preactivation(x, h_prev, w.W.z, w.U.z, w.bias).map(sigmoid);
      const r = preactivation(x, h_prev, w.W.r, w.U.r, 0).map(sigmoid);
      const u = new Float64Array(z.length);
      addProduct(u, h_prev, w.U.h);
      const candidate = u.map((value, j) => Math.tanh(x * w.W.h[j] + r[j] * value));
      const h = z.map((keep, j) => keep * h_prev[j] + (1 - keep) * candidate[j]);
      return { x, h_prev, z, r, u, candidate, h };
    },
    back(w, s, { h: signal }) {
      const n = s.h.length;
      const { z, r, u, candidate, h_prev } = s;
      const carry = timesEach(signal, n, (j) => z[j]);
      const d_z = timesEach(signal, n, (j) => (h_prev[j] - candidate[j]) * z[j] * (1 - z[j]));
      const d_h = timesEach(signal, n, (j) => (1 - z[j]) * (1 - candidate[j] * candidate[j]));
      const d_r = timesEach(d_h, n, (j) => u[j] * r[j] * (1 - r[j]));
      const d_u = timesEach(d_h, n, (j) => r[j]);
      const through = (d, U) => addThrough(new Float64Array(signal.length), d, U, n);
      const parts = [carry, through(d_z, w.U.z), through(d_r, w.U.r), through(d_u, w.U.h)];
      const h = addTo(new Float64Array(signal.length), ...parts);
      return { h, parts, from_W: { z: d_z, r: d_r, h: d_h }, from_U: { h: d_u } };
    },
  },
  lstm: {
    step(w, x, { h: h_prev, c: c_prev }) {
      const gate = (k, b, squash) => preactivation(x, h_prev, w.W[k], w.U[k], b).map(squash);
      const i = gate("i", 0, sigmoid);
      const f = gate("f", w.bias, sigmoid);
      const g = gate("g", 0, Math.tanh);
      const o = gate("o", 0, sigmoid);
      const c = f.map((keep, j) => keep * c_prev[j] + i[j] * g[j]);
      const t = c.map(Math.tanh);
      return { x, h_prev, c_prev, i, f, g, o, c, t, h: o.map((show, j) => show * t[j]) };
    },
    back(w, s, { h: signal, c: memory }) {
      const n = s.h.length;
      const { i, f, g, o, t, c_prev } = s;
      const k = addTo(timesEach(signal, n, (j) => o[j] * (1 - t[j] * t[j])), memory);
      const from_W = {
        i: timesEach(k, n, (j) => g[j] * i[j] * (1 - i[j])),
        f: timesEach(k, n, (j) => c_prev[j] * f[j] * (1 - f[j])),
        g: timesEach(k, n, (j) => i[j] * (1 - g[j] * g[j])),
        o: timesEach(signal, n, (j) => t[j] * o[j] * (1 - o[j])),
      };
      const h = new Float64Array(signal.length);
      for (const gate of ["i", "f", "g", "o"]) addThrough(h, from_W[gate], w.U[gate], n);
      return { h, c: timesEach(k, n, (j) => f[j]), parts: [], from_W, from_U: {} };
    },
  },
};

// out += a b^T
function addOuter(out, a, b) {
  const n = b.length;
  for (let i = 0; i < a.length; i += 1) for (let j = 0; j < n; j += 1) out[i * n + j] += a[i] * b[j];
}

// the sum of a * b as far as b goes
function dot(a, b) {
  let sum = 0;
  for (let at = 0; at < b.length; at += 1) sum += a[at] * b[at];
  return sum;
}

// The norm of all but the last row, of one signal or two; squares neither overflow nor underflow.
function frobenius(signals, n) {
  let largest = 0;
  for (const signal of signals) for (let at = 0; at < n * n; at += 1) largest = Math.max(largest, Math.abs(signal[at]));
  if (largest === 0) return 0;
  let sum = 0;
  for (const signal of signals) {
    for (let at = 0; at < n * n; at += 1) {
      const ratio = signal[at] / largest;
      sum += ratio * ratio;
    }
  }
  return largest * Math.sqrt(sum);
}

// `weights`: { W: {gate: n numbers}, U: {gate: n * n numbers}, bias: of the gate that keeps }; `x`: one number a step.
// Returns the norm by lag; for a GRU the four paths, which add up to it; and the length of dL/dweights for a loss
// whose dL/dh_T has length 1, the same share for each unit.
export function flowOfCell(kind, weights, x) {
  const { step, back } = CELLS[kind];
  const [gates, n, time] = [Object.keys(weights.W), Object.values(weights.W)[0].length, x.length];
  const steps = [];
  let state = { h: new Float64Array(n), c: new Float64Array(n) };
  for (const value of x) steps.push((state = step(weights, value, state)));

  const signal = { h: new Float64Array((n + 1) * n), c: new Float64Array((n + 1) * n) };
  for (let i = 0; i < n; i += 1) signal.h[i * n + i] = 1;
  signal.h.fill(1 / Math.sqrt(n), n * n);
  const norm = new Float64Array(time);
  const paths = kind === "gru" ? ["carry", "update", "reset", "candidate"].map(() => new Float64Array(time)) : [];
  norm[0] = Math.sqrt(n);
  if (paths.length) paths[0][0] = norm[0];
  const total = {};
  for (const gate of gates) {
    const [W, U, b, c] = [n, n * n, n, n].map((size) => new Float64Array(size));
    total[gate] = { W, U, b, c };
  }
  for (let lag = 1; lag <= time; lag += 1) {
    const s = steps[time - lag];
    const earlier = back(weights, s, signal);
    for (const gate of gates) {
      const d_W = earlier.from_W[gate].subarray(n * n); // the last row of the signal
      const d_U = (earlier.from_U[gate] ?? earlier.from_W[gate]).subarray(n * n);
      const { W, U, b, c } = total[gate];
      for (let j = 0; j < n; j += 1) {
        W[j] += s.x * d_W[j];
        b[j] += d_W[j];
        c[j] += d_U[j];
      }
      addOuter(U, s.h_prev, d_U);
    }
    signal.h = earlier.h;
    if (kind === "lstm") signal.c = earlier.c;
    if (lag === time) break;
    norm[lag] = frobenius(kind === "lstm" ? [signal.h, signal.c] : [signal.h], n);
    if (paths.length === 0 || norm[lag] === 0) continue;
    const along = signal.h.subarray(0, n * n).map((value) => value / norm[lag]);
    paths.forEach((path, k) => (path[lag] = dot(earlier.parts[k], along)));
  }
  // The GRU with the reset after the product has a second bias for each gate.
  let squares = 0;
  for (const gate of gates) {
    for (const name of kind === "gru" ? "WUbc" : "WUb") for (const value of total[gate][name]) squares += value * value;
  }
  return { norm, paths, update: Math.sqrt(squares) };
}
