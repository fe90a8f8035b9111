// LossCurve: training and validation loss, drawn while a model learns in the kernel. Python sends each epoch as it
// ends, {add: [epoch, loss, validation]}, and {clear: true}; `_points` holds what was there before the page was.
// `values` computes every number and word of loss_curve.svg; loss_curve.py computes the same dictionary.
import { choice } from "./controls.js";
import { frame } from "./settings.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [62, 710, 56, 306]; // the frame of the curves in the picture
const SLOTS = 8; // places for numbers along each axis
const QUIET = 10_000; // milliseconds between two sentences for a screen reader while points come in

const place = (value) => String(Math.floor(value * 100 + 0.5) / 100);

// An SVG path through the points; a dot if there is one alone, nothing if there is none.
function line(points) {
  if (points.length === 0) return "";
  const path = `M${points.map(([x, y]) => `${place(x)} ${place(y)}`).join("L")}`;
  return points.length > 1 ? path : `${path}h0.1`;
}

// So many significant digits, without zeros at the end; very large and small numbers as 1.2e-5.
function plain(value, digits) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const rounded = Number(size.toPrecision(digits));
  const sign = value < 0 ? "\u2212" : "";
  if (size >= 1e-3 && size < 1e5) return sign + String(rounded);
  return sign + rounded.toExponential().replace("-", "\u2212").replace("+", "");
}

// Round numbers from low to high, in steps of 1, 2 or 5 times a power of ten.
function ticks(low, high) {
  const power = Math.floor(Math.log10((high - low) / 6));
  const down = 10 ** Math.max(-power, 0);
  const digit = [1, 2, 5, 10].find((d) => ((high - low) * down) / (d * 10 ** Math.max(power, 0)) <= 6) ?? 10;
  const up = digit * 10 ** Math.max(power, 0);
  const found = [];
  for (let k = Math.ceil((low * down) / up); k <= Math.floor((high * down) / up); k += 1) found.push((k * up) / down);
  return found;
}

// Round numbers from 10^low to 10^high: powers of ten, or also 2 and 5 times them, or any if they lie close.
function logTicks(low, high) {
  const decades = [];
  for (let k = Math.ceil(low); k <= Math.floor(high); k += 1) decades.push(k);
  const every = Math.ceil(decades.length / 7);
  if (decades.length >= 3) return decades.filter((k) => k % every === 0).map((k) => 10 ** k);
  const finer = [];
  for (let k = Math.floor(low); k <= Math.floor(high); k += 1) finer.push(10 ** k, 2 * 10 ** k, 5 * 10 ** k);
  const within = finer.filter((value) => low <= Math.log10(value) && Math.log10(value) <= high);
  return within.length >= 3 ? within : ticks(10 ** low, 10 ** high);
}

function values({ scale }, points) {
  const log = scale === "log";
  const shows = (value) => value !== null && (value > 0 || !log);
  const all = points.flatMap(([, loss, validation]) => [loss, validation]).filter((value) => value !== null);
  const shown = all.filter(shows);
  const any = points.length > 0;
  const last = any ? points[points.length - 1] : [0, null, null];
  const validations = points.map((point) => point[2]).filter((value) => value !== null);
  const v = { scale, count: points.length, epoch: last[0] };
  v.losses = points.map((point) => point[1]).join(" ");
  v.validations = validations.join(" ");
  v.validated = validations.length ? "yes" : "no";
  for (const [name, value] of [["loss", last[1]], ["validation", last[2]]]) {
    v[name] = value === null ? "" : value;
    v[`${name}_text`] = value === null ? "" : plain(value, 4);
  }
  v.title = any ? `After epoch ${last[0]}` : "No epoch yet";
  const which = validations.length ? 2 : 1;
  const best = points.reduce((a, b) => (b[which] !== null && (!a || b[which] < a[which]) ? b : a), null);
  [v.best_epoch, v.best] = best ? [best[0], best[which]] : [0, ""];
  v.best_of = which === 2 ? "validation" : "training";
  v.best_words = best ? `best ${v.best_of} ${plain(v.best, 4)} at epoch ${v.best_epoch}` : "";

  const move = log ? Math.log10 : Number;
  const reduced = (pick, start) => shown.reduce((a, b) => pick(a, b), start);
  let [low, high] = shown.length ? [move(reduced(Math.min, Infinity)), move(reduced(Math.max, -Infinity))] : [0, 1];
  const room = 0.05 * (high - low) || (log ? 0.5 : 0.5 * Math.abs(low) || 0.5);
  [low, high] = [low - room, high + room];
  const [first, end] = any ? [points[0][0], Math.max(last[0], points[0][0] + 1)] : [0, 1];
  const x = (epoch) => LEFT + ((RIGHT - LEFT) * (epoch - first)) / (end - first);
  const y = (value) => BOTTOM - ((BOTTOM - TOP) * (move(value) - low)) / (high - low);
  const path = (k) => line(points.filter((p) => shows(p[k])).map((p) => [x(p[0]), y(p[k])]));

  v.training_d = path(1);
  v.validation_d = path(2);
  v.drawn = best && shows(v.best) ? "yes" : "no";
  [v.best_x, v.best_y] = v.drawn === "yes" ? [x(v.best_epoch), y(v.best)] : [LEFT, BOTTOM];
  const levels = shown.length ? (log ? logTicks : ticks)(low, high) : [];
  const epochs = any ? ticks(first, end).filter(Number.isInteger) : [];
  v.grid_d = levels.map((level) => `M${place(LEFT)} ${place(y(level))}H${place(RIGHT)}`).join("");
  for (let i = 0; i < SLOTS; i += 1) {
    v[`tick${i}`] = i < levels.length ? plain(levels[i], 6) : "";
    v[`tick${i}_y`] = i < levels.length ? y(levels[i]) : BOTTOM;
    v[`epoch${i}`] = i < epochs.length ? plain(epochs[i], 6) : "";
    v[`epoch${i}_x`] = i < epochs.length ? x(epochs[i]) : LEFT;
  }
  const hidden = all.length - shown.length;
  v.note = `loss, ${scale} scale${hidden ? `; ${hidden} at or below 0 cannot be on it` : ""}`;
  return v;
}

function sentence(v) {
  if (v.count === 0) return "Loss curve: no epoch yet.";
  const validation = v.validation_text ? `, validation ${v.validation_text}` : "";
  return (
    `Loss curve, ${v.scale} scale. After epoch ${v.epoch}: training ${v.loss_text}${validation}; ${v.best_words}.`
  );
}

const why = (v) =>
  v.scale === "log"
    ? "Log scale: each step up multiplies the loss, so that slow progress late in a run still shows."
    : "Linear scale: equal heights are equal differences. Validation rising while training falls is overfitting.";

export default () => {
  let points = []; // of all views of this curve
  const redraws = new Set();
  let asked = 0;

  // Many points may come between two frames of the screen: they are drawn at once.
  function redraw() {
    if (asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      for (const one of redraws) one();
    });
  }

  function initialize({ model }) {
    const told = ({ add, clear }) => {
      if (clear) points = [];
      if (add) points.push(add);
      redraw();
    };
    const given = () => {
      points = [...model.get("_points")];
      redraw();
    };
    given();
    model.on("msg:custom", told);
    model.on("change:_points", given);
    model.send({ ask: "points" }); // what came before this page listened; answered when the kernel has time
    return () => {
      model.off("msg:custom", told);
      model.off("change:_points", given);
    };
  }

  function render(given) {
    let spoken = -QUIET;
    let turned = false; // the learner has changed the scale: that is answered at once
    let redrawThis = () => {};
    const lab = {
      title: "LossCurve: training and validation loss while a model learns",
      values: (state) => values(state, points),
      sentence(v) {
        spoken = performance.now();
        turned = false;
        return sentence(v);
      },
      why,
      pause: () => (turned ? 120 : Math.max(120, spoken + QUIET - performance.now())),
      build({ controls, set, state }) {
        const pick = choice("scale", "Scale", [["linear", "linear"], ["log", "log"]], (name, scale) => {
          turned = true;
          set([[name, scale]]);
        });
        controls.append(pick.row);
        redrawThis = () => set([]);
        redraws.add(redrawThis);
        return { shows: [() => pick.show(state.scale)], stop: () => redraws.delete(redrawThis) };
      },
    };
    return frame(given, lab);
  }

  return { initialize, render };
};
