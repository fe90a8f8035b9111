// What SequenceLab shows: every number, word and path of its picture sequence_lab.svg by name;
// sequence_values.py computes the same dictionary, and the tests compare the two.
import { product } from "./gru.js";
import { addUp, thousandths, written } from "./picture.js";

const LEVELS = 10; // shades of a heatmap
export const LEFT = 56;
const READING = 420; // height of the reading of one step
export const SERIES = ["z", "r", "candidate", "h"];

// The repeated parts of the template: <!--repeat step-->...<!--end--> once for each step, # being its number.
export function expand(template, counts) {
  return template.replace(/<!--repeat (\w+)-->(.*?)<!--end-->/gs, (_, name, part) =>
    counts[name].map((i) => part.replaceAll("#", i)).join(""));
}

export const upTo = (count) => Array.from({ length: count }, (_, i) => i);
export const levels = upTo(LEVELS).map((i) => i + 1);

const length = (value) => String(Math.floor(value * 100 + 0.5) / 100);
const cut = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}\u2026`);

// Steps after which half of the old state is gone if z stays as it is: the number, and the number in words.
export function halfLife(z) {
  const steps = z <= 0 ? 0 : z >= 1 ? Infinity : Math.log(0.5) / Math.log(z);
  return [steps, steps >= 10000 ? "over 10 000 steps" : `${steps.toFixed(steps < 10 ? 2 : 1)} steps`];
}

// One unit at one step: all numbers of its equations, as gru.js has them.
function numbers(model, x, trace, t, j) {
  const w = model.weights;
  const now = trace[t];
  const v = {};
  for (const name of [...SERIES, "a_z", "a_r", "a_h", "from_x", "from_h", "kept", "written"]) v[name] = now[name][j];
  v.h_prev = t > 0 ? trace[t - 1].h[j] : 0;
  for (const gate of ["z", "r"]) {
    v[`x_${gate}`] = product(x[t], w[`W_${gate}`])[j] + w[`b_${gate}`][j] + (w[`c_${gate}`]?.[j] ?? 0);
    v[`h_${gate}`] = v[`a_${gate}`] - v[`x_${gate}`];
  }
  return v;
}

function words(model, x, t, j, chosen) {
  const given = x[t].map((value) => written(value, "p"));
  const names = model.inputs;
  const limit = String(model.limits[chosen]);
  const others = names.filter((_, i) => i !== chosen);
  return {
    reset: model.reset, step: String(t), last: String(x.length - 1), unit: String(j),
    word: model.labels.length ? `: ${cut(model.labels[t], 18)}` : "",
    of_unit: model.units > 1 ? ` \u00b7 unit ${j}` : "",
    others: others.length ? `thin: ${others.length === 1 ? others[0] : "the other inputs"} \u00b7 ` : "",
    inputs: names.length > 2 ? `x = (${given.join(", ")})` : names.map((name, i) => `${name} = ${given[i]}`).join(", "),
    input: names[chosen], x: x[t][chosen], limit, minus_limit: `\u2212${limit}`,
  };
}

// Numbers as they are printed: rounded so that what should add up does so to the last printed digit.
function shown(v) {
  const s = { shown_keep: thousandths(v.z) / 1000, shown_write: (1000 - thousandths(v.z)) / 1000 };
  [s.shown_kept, s.shown_written] = addUp(v.h, v.kept, v.written);
  for (const [gate, first, second] of [["z", "x_z", "h_z"], ["r", "x_r", "h_r"], ["h", "from_x", "from_h"]]) {
    [s[`shown_${first}`], s[`shown_${second}`]] = addUp(v[`a_${gate}`], v[first], v[second]);
  }
  for (const name of ["h_prev", "candidate", "h"]) s[`stripes_of_${name}`] = v[name] < 0 ? "7 4" : "";
  return s;
}

function curves(model, x, trace, t, j, chosen) {
  const { cell } = model.place;
  const at = x.map((_, i) => LEFT + (i + 0.5) * cell);
  const path = (series, middle, scale) =>
    `M${series.map((value, i) => `${length(at[i])} ${length(middle - scale * value)}`).join("L")}`;
  const input = (i) => path(x.map((row) => row[i] / model.limits[i]), 64, 40);
  const v = { at: at[t], cursor: at[t] - cell / 2, path_x: input(chosen) };
  for (const name of ["z", "r"]) v[`path_${name}`] = path(trace.map((step) => step[name][j]), 210, 70);
  for (const name of ["candidate", "h"]) v[`path_${name}`] = path(trace.map((step) => step[name][j]), 291, 45);
  v.path_others = model.inputs.map((_, i) => (i === chosen ? "" : input(i))).join("");
  x.forEach((row, i) => (v[`cy_${i}`] = 64 - (40 * row[chosen]) / model.limits[chosen]));
  return v;
}

const painted = new WeakMap(); // the heatmaps of a trace: walking through time does not change them

// Each shade of each heatmap is one path; neighbours of one shade in a row are one rectangle.
function heatmaps(model, trace) {
  if (painted.has(trace)) return painted.get(trace);
  const { place } = model;
  const { row, cell } = place;
  const v = { stripes_candidate: "", stripes_h: "" };
  for (const name of SERIES) {
    const signs = "zr".includes(name) ? [""] : ["_plus", "_minus"];
    for (const sign of signs) for (const level of levels) v[`heat_${name}${sign}_${level}`] = "";
    if (model.units === 1) continue;
    for (let j = 0; j < model.units; j += 1) {
      const y = place[`heat_${name}`] + j * row;
      const shades = trace.map((step) => {
        const shade = Math.floor(Math.abs(step[name][j]) * LEVELS + 0.5);
        return step[name][j] < 0 ? -shade : shade;
      });
      for (let start = 0, end = 0; start < shades.length; start = end) {
        const shade = shades[start];
        while (end < shades.length && shades[end] === shade) end += 1;
        if (shade === 0) continue;
        const [left, width] = [length(LEFT + start * cell), length((end - start) * cell)];
        const sign = signs.length === 1 ? "" : shade > 0 ? "_plus" : "_minus";
        v[`heat_${name}${sign}_${Math.abs(shade)}`] += `M${left} ${length(y)}h${width}v${row}h-${width}z`;
        if (shade < 0) v[`stripes_${name}`] += `M${left} ${length(y + row / 2)}h${width}`;
      }
    }
  }
  painted.set(trace, v);
  return v;
}

// x: rows of inputs; trace: the steps of gru.js; step: what is read; mark, unit, input: what is chosen;
// narrow: the reading goes below.
export function values({ model, x, trace, step, mark, unit, input, narrow }) {
  const v = { ...model.place, ...numbers(model, x, trace, step, unit), ...words(model, x, step, unit, input) };
  [v.half_life, v.half_life_text] = halfLife(v.z);
  for (const level of levels) v[`shade_${level}`] = level / LEVELS;
  Object.assign(v, shown(v), curves(model, x, trace, step, unit, input), heatmaps(model, trace));
  for (const name of SERIES) v[`row_${name}`] = v.many === "yes" ? v[`heat_${name}`] + unit * v.row : 0;
  v.mark = LEFT + (mark + 0.5) * model.place.cell;
  v.place_reading = narrow ? `translate(8 ${v.bottom + 20})` : "translate(656 0)";
  v.place_equations = narrow ? "translate(336 -205)" : "translate(0 0)";
  v.width = narrow ? 674 : 990;
  v.height = narrow ? v.bottom + 240 : Math.max(READING, v.bottom);
  return v;
}

// One step in words
export function sentence(v) {
  const unit = v.many === "yes" ? `, unit ${v.unit}` : "";
  return (
    `Step ${v.step} (0 to ${v.last})${v.word}${unit}: ${v.inputs}. Update gate z = ${written(v.z)}: ` +
    `${Math.round(100 * v.z)} % of the old state ${written(v.h_prev)} kept, half-life ${v.half_life_text}. ` +
    `Reset gate r = ${written(v.r)}. Candidate ${written(v.candidate)}. New state h = ${written(v.h)}.`
  );
}
