// Every number and word in the picture gate_lab.svg; gate_values.py computes the same dictionary, and the tests
// compare the two.
import { step } from "./gru.js";
import { addUp, thousandths, written } from "./picture.js";

const PARTS = ["z", "r", "candidate", "h"];

const cut = (value, end) => Math.max(-end, Math.min(end, value));

// The strip of all units; what has no unit is 0 and not shown.
function strip(v, all) {
  v.count = String(v.units);
  v.who = `unit ${v.unit}`;
  for (let k = 0; k < 4; k += 1) {
    v[`has_${k}`] = k < v.units ? "yes" : "no";
    for (const [part, value] of Object.entries(all)) v[`${part}_${k}`] = value[k] ?? 0;
  }
}

// The products of the old states with one column of each U, written as sums
function sums(v, { h_prev, U_z, U_r, U_h }, r) {
  const u = v.unit;
  const terms = (one) => h_prev.map(one).join(" ");
  v.sum_z = terms((h, j) => `${written(U_z[j][u], "p+")}\u00b7${written(h, "pf")}`);
  v.sum_r = terms((h, j) => `${written(U_r[j][u], "p+")}\u00b7${written(h, "pf")}`);
  v.sum_h = v.reset === "after"
    ? terms((h, j) => `${written(U_h[j][u], j > 0 ? "p+" : "p")}\u00b7${written(h, "pf")}`)
    : terms((h, j) => `${written(U_h[j][u], "p+")}\u00b7(${written(r[j])}\u00b7${written(h, "pf")})`);
}

// `state`: the settings, with the numbers of the chosen unit and the arrays of all
export function values(state) {
  const { arrays, unit: u, units, reset, focus } = state;
  const v = { ...state };
  const all = step({ ...arrays, reset, update: state.update }, [state.x], arrays.h_prev);
  for (const [name, value] of Object.entries(all)) v[name] = value[u];
  const heard = reset === "after" ? arrays.h_prev[u] : v.let_through;
  const product = reset === "after" ? v.at_door - state.c_h : v.from_h;
  v.from_others = product - heard * arrays.U_h[u][u];
  v.dropped = v.write * v.h_prev;
  v.unused = v.keep * v.candidate;
  strip(v, { h_prev: arrays.h_prev, z: all.z, r: all.r, candidate: all.candidate, h: all.h });
  sums(v, arrays, all.r);

  // as printed: rounded so that what should add up does so to the last printed digit
  const z = thousandths(v.z);
  const keeps = state.update === "keep";
  v.shown_keep = (keeps ? z : 1000 - z) / 1000;
  v.shown_write = (keeps ? 1000 - z : z) / 1000;
  v.keep_name = keeps ? "z" : "1 \u2212 z";
  v.write_name = keeps ? "1 \u2212 z" : "z";
  [v.shown_kept, v.shown_written] = addUp(v.h, v.kept, v.written);
  [v.shown_from_x, v.shown_from_h] = addUp(v.a_h, v.from_x, v.from_h);
  v.shown_dropped = thousandths(v.h_prev) / 1000 - v.shown_kept;
  v.shown_unused = thousandths(v.candidate) / 1000 - v.shown_written;

  // as drawn: values cut where an axis or a flow ends, and the marks that say so
  for (const name of ["from_x", "at_door", "let_through", "from_h"]) v[`wide_${name}`] = cut(v[name], 2);
  for (const [name, end] of [["a_z", 8], ["a_r", 8], ["a_h", 4]]) {
    v[`at_${name}`] = cut(v[name], end);
    v[`beyond_${name}`] = v[name] > end ? "\u25b8" : v[name] < -end ? "\u25c2" : "";
  }
  for (const name of ["x", "h_prev", "candidate", "h", "from_x", "at_door", "from_h"]) {
    v[`stripes_${name}`] = v[name] < 0 ? "7 4" : "";
  }
  v.gauge_top = keeps ? 100 : 204 - 104 * v.z;
  const [alone, many] = [focus !== "all", units > 1];
  const ownLine = alone || many;
  v.result_x = ownLine ? "0" : "";
  v.result_dy = alone ? "25" : many ? "20" : "";
  v.result_dx = ownLine ? "" : "6";
  v.numbers_y = alone ? 25 : 18;
  const high = many ? 34 + 22 * units : 0;
  v.strip = -high;
  v.chosen_y = 22 * u + 1;
  v.height = high + (many ? (alone ? 624 : 700) : alone ? 544 : 624);
  PARTS.forEach((part, i) => {
    v[`place_${part}`] = alone ? "translate(8 322) scale(1.6)" : `translate(${8 + 180 * i} 322)`;
    const large = `translate(290 380) scale(${part === "candidate" ? 1 : 1.25})`;
    v[`line_${part}`] = alone ? large : `translate(8 ${470 + 42 * i})`;
    // longer equations: a line for the sum, and one for what it makes
    if (many) v[`line_${part}`] = `translate(8 ${alone ? 570 : 470 + 60 * i}) scale(0.9)`;
  });
  return v;
}

export function sentence(v) {
  const keep = Math.round(100 * v.keep);
  const heard = Math.round(100 * v.r);
  const many = v.units > 1;
  const who = many ? `Unit ${v.unit} of ${v.units}. ` : "";
  let hears = `the candidate hears ${heard} % of the old state`;
  if (many && v.reset === "after") hears = `the candidate hears ${heard} % of what U_h makes of all old states`;
  else if (many) hears = `all candidates hear ${heard} % of this unit's old state`;
  return (
    `${who}Update gate z = ${written(v.z)}: the unit keeps ${keep} % of the old state ${written(v.h_prev)} and ` +
    `writes ${100 - keep} % of the candidate ${written(v.candidate)}. Reset gate r = ${written(v.r)}: ${hears}. ` +
    `New state h = ${written(v.h)}.`
  );
}

export function summary(v) {
  return `${v.units > 1 ? `${v.units} gated recurrent units` : "One gated recurrent unit"}. ${sentence(v)}`;
}

function resetInWords({ reset, units, c_h: c }) {
  if (units > 1) {
    return reset === "before"
      ? "The reset acts before the product with U_h: each unit's r scales its own old state, so the reset gates of " +
        "the other units act on this candidate too; c_h plays no part."
      : "The reset acts after the product with U_h: this unit's r scales all that reaches its own candidate.";
  }
  if (reset === "before") return "The reset acts before the product with U_h; c_h plays no part.";
  return c === 0
    ? "With one unit and c_h = 0, reset before and after give the same number; move c_h and they differ. " +
      "With several units they differ anyway."
    : "The reset acts after the product, so it also scales c_h.";
}

export function why(state) {
  const meaning = state.update === "keep"
    ? "z keeps the old state (Cho et al. 2014, Keras, PyTorch)."
    : "z writes the candidate (Chung et al. 2014).";
  const update = `${meaning} Switch its meaning alone, and the same numbers give another h. To switch and keep h, ` +
    "use the button instead: it also negates W_z, U_z and b_z, for \u03c3(\u2212a) = 1 \u2212 \u03c3(a).";
  const reset = resetInWords(state);
  return { all: `${update} ${reset}`, z: update, r: "", candidate: reset, h: update }[state.focus];
}

