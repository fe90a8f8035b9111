// ConventionLab: one set of arrays read by seven conventions. `values` computes every number and word of the
// picture; convention_lab.py computes the same dictionary with gru_lib/conventions.py, and the tests compare them.
import { forward } from "./gru.js";
import { written } from "./picture.js";
import { element, menu } from "./controls.js";
import { frame, ruler } from "./settings.js";

const SAME = 1e-9; // outputs that differ by less come from the same function
const STYLES = { same: "gc-same", "after mapping": "gc-mapping", never: "gc-never" };
const WORDS = { same: "same", never: "no mapping" };

const plural = (word, n) => (n === 1 ? word : `${word}s`);
const grouped = (n) => n.toLocaleString("en-US");
const gap = (value) => (value < SAME ? "0" : value >= 0.0005 ? written(value) : "< 0.001");
const sum = (a, b) => a.map((value, i) => value + b[i]);
const negative = (a) => (Array.isArray(a) ? a.map(negative) : -a);

// The blocks that every convention reads, cut to size: {W, U, b, c}, each a list of three.
function cut(numbers, { inputs, units, recurrent_bias }) {
  const rows = (blocks, n) => blocks.map((block) => block.slice(0, n).map((row) => row.slice(0, units)));
  const vectors = (blocks, factor) => blocks.map((block) => block.slice(0, units).map((value) => factor * value));
  const { W, U, b, c } = numbers;
  return { W: rows(W, inputs), U: rows(U, units), b: vectors(b, 1), c: vectors(c, recurrent_bias) };
}

// A convention gives each block to a gate, by its order; where it has one bias it takes the sum of both.
function interpret(how, { W, U, b, c }) {
  const gru = { reset: how.reset, update: how.update };
  [...how.order].forEach((gate, k) => {
    gru[`W_${gate}`] = W[k];
    gru[`U_${gate}`] = U[k];
    gru[`b_${gate}`] = how.reset === "before" ? sum(b[k], c[k]) : b[k];
    gru[`c_${gate}`] = how.reset === "before" ? b[k].map(() => 0) : c[k];
  });
  return gru;
}

// The other way: blocks in which the convention `other` holds the weights of a gru of the convention `how`.
function layOut(how, other, gru) {
  const names = ["W", "U", "b", "c"];
  const blocks = Object.fromEntries(names.map((name) => [name, []]));
  for (const gate of other.order) {
    const turned = gate === "z" && how.update !== other.update;
    for (const name of names) blocks[name].push(turned ? negative(gru[`${name}_${gate}`]) : gru[`${name}_${gate}`]);
  }
  return blocks;
}

function mapping(a, b, recurrentBias) {
  const changes = [];
  if (a.update !== b.update) changes.push("\u2212z");
  if (a.order !== b.order) changes.push("z\u21c4r");
  if (a.reset !== b.reset && recurrentBias !== 0) changes.push("c\u2192b");
  return changes.join(", ");
}

function largest(a, b) {
  return Math.max(...a.flatMap((step, t) => step.h.map((value, u) => Math.abs(value - b[t].h[u]))));
}

// A letter for each reading: those that compute the same from the same arrays share one.
function letters(same, n) {
  const found = [];
  for (let i = 0; i < n; i += 1) {
    const like = found.findIndex((_, j) => same(j, i));
    found.push(like >= 0 ? found[like] : "ABCDEFG"[new Set(found).size]);
  }
  return found;
}

function compared(state, spec, v) {
  const { readings, numbers } = spec;
  const arrays = cut(numbers[state.seed - 1], state);
  const x = numbers[state.seed - 1].x.map((row) => row.slice(0, state.inputs));
  const grus = readings.map((how) => interpret(how, arrays));
  const outputs = grus.map((gru) => forward(gru, x));
  const verdicts = readings.map((a, i) => readings.map((b, j) => {
    const mapped = forward(interpret(b, layOut(a, b, grus[i])), x);
    const raw = largest(outputs[i], outputs[j]);
    const rest = largest(outputs[i], mapped);
    const verdict = raw < SAME ? "same" : rest < SAME ? "after mapping" : "never";
    const at = `${i}_${j}`;
    v[`raw_${at}`] = raw;
    v[`mapped_${at}`] = rest;
    v[`style_${at}`] = STYLES[verdict];
    v[`word_${at}`] = WORDS[verdict] ?? mapping(a, b, state.recurrent_bias).replaceAll(", ", " "); // in one cell
    v[`gap_${at}`] = gap(raw) + (verdict === "same" ? "" : ` \u2192 ${gap(rest)}`);
    return verdict;
  }));
  const groups = letters((j, i) => verdicts[j][i] === "same", readings.length);
  readings.forEach((how, i) => {
    v[`letter_${i}`] = groups[i];
    for (let u = 0; u < 4; u += 1) v[`h_${i}_${u}`] = outputs[i][state.step - 1].h[u] ?? 0;
  });
  const different = [...new Set(groups)].sort();
  v.count = different.length;
  v.functions = different
    .map((letter) => `${letter}: ${readings.filter((_, i) => groups[i] === letter).map((how) => how.name).join(", ")}`)
    .join("; ");
}

function counted({ d, h }, v) {
  v.count_title = `Counting the weights of ${h} ${plural("unit", h)} on ${d} ${plural("input", d)}`;
  [[3, 1], [3, 2], [4, 1]].forEach(([blocks, biases], k) => {
    const one = d * h + h * h + biases * h;
    const terms = [d * h, h * h, biases * h].map(grouped).join(" + ");
    v[`term_${k}`] = `${blocks} \u00d7 (${terms}) = ${blocks} \u00d7 ${grouped(one)}`;
    v[`total_${k}`] = blocks * one;
    v[`written_${k}`] = grouped(blocks * one);
    v[`share_${k}`] = (blocks * one) / (4 * (d * h + h * h + h));
  });
}

function values(state, spec) {
  const v = { ...state };
  for (let u = 0; u < 4; u += 1) v[`unit_${u}`] = u < state.units ? "yes" : "no";
  v.title = `The state h after step ${state.step} of ${spec.steps}: the same arrays, read in seven ways`;
  compared(state, spec, v);
  counted(state, v);
  return v;
}

function sentence(v) {
  return (
    `${v.units} ${plural("unit", v.units)} on ${v.inputs} ${plural("input", v.inputs)}: one set of arrays makes ` +
    `${v.count} different ${plural("function", v.count)}. ${v.functions}. A layer of ${v.h} ${plural("unit", v.h)} ` +
    `on ${v.d} ${plural("input", v.d)} has ${v.written_0} parameters with one bias, ${v.written_1} with two; an ` +
    `LSTM has ${v.written_2}.`
  );
}

const SIGNS =
  "\u2212z: negate W, U and b of the update gate, for \u03c3(\u2212a) = 1 \u2212 \u03c3(a). z\u21c4r: swap two " +
  "blocks. c\u2192b: add the recurrent biases to the input biases. ";

function why(v) {
  if (v.units > 1) {
    return `${SIGNS}No mapping leads from before to after: r \u2299 (h U) is not (r \u2299 h) U for a matrix U.`;
  }
  if (v.recurrent_bias === 0) {
    return `${SIGNS}One unit and no recurrent bias: before and after are the same function, for r (h u) = (r h) u ` +
      "where u is a single number. Raise the recurrent bias, or take two units, and they part.";
  }
  return `${SIGNS}One unit: before can be written as after, with its bias outside the reset; but after scales its ` +
    "recurrent bias by r, which before cannot. Set the recurrent bias to 0 and the two are one.";
}

const GROUPS = [
  ["Weights and outputs", [
    ["units", "units"], ["inputs", "inputs"], ["recurrent_bias", "recurrent bias"], ["step", "after step"],
  ]],
  ["Parameters counted", [["d", "inputs d"], ["h", "units h"]]],
];

function build({ controls, set, state, spec }) {
  const shows = [];
  const seeds = Array.from({ length: spec.ranges.seed[1] }, (_, i) => String(i + 1));
  const pick = menu("seed", "Random numbers, set", seeds, "another", (seed) => set([["seed", Number(seed)]]));
  controls.append(pick.row);
  shows.push(() => pick.show(String(state.seed)));
  for (const [title, members] of GROUPS) {
    const field = element("fieldset", {}, element("legend", {}, title));
    for (const [name, label] of members) {
      const [low, high] = spec.ranges[name];
      const whole = spec.whole.includes(name);
      const text = whole ? String : (value) => value.toFixed(2);
      const scale = { low, high, step: whole ? 1 : 0.05, text };
      const made = ruler(name, label, label, scale, (key, value) => set([[key, value]]));
      field.append(made.row);
      shows.push(() => made.show(state[name]));
    }
    controls.append(field);
  }
  return { shows };
}

function render(given) {
  return frame(given, { title: "ConventionLab: one set of weights read in seven ways", values, sentence, why, build });
}

export default { render };
