// DescentLab: gradient descent on one parameter, played step by step. `values` computes every number and word of the
// picture descent_lab.svg; descent_lab.py computes the same dictionary, and the tests compare the two.
import { written } from "./picture.js";
import { button, element, menu } from "./controls.js";
import { frame, ruler } from "./settings.js";
import { CURVES, STEPS, THRESHOLD, clipped, descend, judge, sampled } from "./descent_path.js";

const SAMPLES = 200; // pieces of the drawn curve
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 412, 40, 300]; // the frame of the curve in the picture
const [FIRST, LAST] = [470, 710]; // steps 0 and STEPS in the picture of the cost
const BEAT = 200; // milliseconds from step to step while it plays
const PLAYING = "Playing."; // the words while it does: those of one step would be out of date at the next

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const place = (value) => String(Math.floor(value * 100 + 0.5) / 100);
const line = (points) => `M${points.map(([x, y]) => `${place(x)} ${place(y)}`).join("L")}`;

// Three decimals, or a power of ten where that would show too little or too much.
function short(value) {
  const size = Math.abs(value);
  if (size === 0 || (size >= 0.001 && size < 10000)) return written(value);
  const [digits, power] = size.toExponential(2).split("e");
  return `${value < 0 ? "\u2212" : ""}${digits}e${power.replace("-", "\u2212").replace("+", "")}`;
}

const bracket = (value) => (value < 0 ? `(${short(value)})` : short(value));

function outcome(v) {
  const sides = v.turning === "yes" ? ", swinging from side to side" : "";
  return {
    converges: `It converges${sides}${v.slow === "yes" ? ", slowly: 100 steps are not enough" : ""}.`,
    oscillates: "It oscillates: to and fro, without settling.",
    diverges: `It diverges${sides}: after ${v.steps} steps it is further away than at the start.`,
    stalls: "It stalls: the slope is too small to move it, and this is no minimum.",
    leaves: `It leaves the sampled range at step ${v.steps}; the loss beyond is unknown.`,
    "under way": `It is still under way after ${v.steps} steps.`,
  }[v.verdict];
}

function values(state, spec) {
  const { low, high, samples } = spec;
  const curve = samples ? sampled(samples) : CURVES[state.cost];
  const at = (theta) => curve(samples ? within(theta, low, high) : theta);
  const arena = samples ? [low, high] : [3 * low, 3 * high];
  const drawn = Array.from({ length: SAMPLES + 1 }, (_, k) => low + ((high - low) * k) / SAMPLES);
  const costs = drawn.map((theta) => at(theta)[0]);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const room = 0.05 * (most - least) || 1;
  const [floor, ceiling] = [least - room, most + room];
  const x = (theta) => LEFT + ((RIGHT - LEFT) * (within(theta, low, high) - low)) / (high - low);
  const y = (J) => BOTTOM - ((BOTTOM - TOP) * (within(J, floor, ceiling) - floor)) / (ceiling - floor);

  const path = descend(curve, state.start, state.learning_rate, state.clip, ...arena);
  const shown = path.slice(0, state.step + 1);
  const k = shown.length - 1;
  const theta = shown[k];
  const [J, slope, bent] = at(theta);
  const points = shown.map((t) => [x(t), y(at(t)[0])]);
  const used = clipped(slope, state.clip);
  const v = { ...state, theta, J, slope, bent, used, k, path: path.join(" "), steps: path.length - 1 };
  v.verdict = judge(state.cost, curve, path, state.learning_rate, state.clip, ...arena);
  v.slow = Math.abs(path[v.steps] - path[v.steps - 1]) > 1e-4 * (high - low) ? "yes" : "no";
  v.turning = path.length > 2 && (path[1] - path[0]) * (path[2] - path[1]) < 0 ? "yes" : "no";

  // as drawn
  const [ax, ay] = points[k];
  v.at_x = ax;
  v.at_y = ay;
  v.at_k = FIRST + ((LAST - FIRST) * k) / STEPS;
  v.curve_d = line(drawn.map((t, i) => [x(t), y(costs[i])]));
  v.trail_d = line(points);
  v.dots_d = points.map(([a, b]) => `M${place(a)} ${place(b)}h0`).join("");
  v.cost_d = line(points.map(([, b], i) => [FIRST + ((LAST - FIRST) * i) / STEPS, b]));
  const steep = (slope * ((BOTTOM - TOP) / (ceiling - floor))) / ((RIGHT - LEFT) / (high - low));
  const long = Math.min(46 / Math.sqrt(1 + steep * steep), (ay - 20) / Math.max(Math.abs(steep), 1e-9));
  v.beyond = theta > high ? "\u25b8" : theta < low ? "\u25c2" : "";
  v.tangent_d = v.beyond ? "" : line([[ax - long, ay + long * steep], [ax + long, ay - long * steep]]);

  // as written
  v.name = spec.name === "theta" ? "\u03b8" : spec.name;
  v.low_text = short(low);
  v.high_text = short(high);
  v.floor_text = short(least);
  v.ceiling_text = short(most);
  v.equation =
    `next \u03b8 = \u03b8 \u2212 \u03b7 \u00b7 slope = ${short(theta)} \u2212 ${short(state.learning_rate)} \u00b7 ` +
    `${bracket(used)} = ${short(theta - state.learning_rate * used)}`;
  const cutOff = used !== slope ? `slope ${short(slope)}, clipped to ${short(used)}` : `slope ${short(slope)}`;
  const limit = bent > 1e-12 ? `; at a minimum so curved \u03b7 must be below 2 / curvature = ${short(2 / bent)}` : "";
  v.here = `${cutOff}; curvature ${short(bent)}${limit}`;
  v.title = `After step ${k}: \u03b8 = ${short(theta)}, J = ${short(J)}`;
  v.outcome = outcome(v);
  return v;
}

function sentence(v) {
  const curve = v.cost === "slice" ? `slice of the loss along ${v.name}` : v.cost;
  const clip = v.clip > 0 ? `, slope clipped at ${short(v.clip)}` : "";
  return (
    `Gradient descent, ${curve}: start ${short(v.start)}, learning rate ${short(v.learning_rate)}${clip}. ` +
    `${v.outcome} ${v.title}.`
  );
}

function why(v) {
  return {
    bowl:
      `The curvature of this bowl is 0.5, so the threshold is \u03b7 = 2 / 0.5 = ${THRESHOLD}: each step multiplies ` +
      "\u03b8 by 1 \u2212 0.5 \u03b7. Below the threshold every start converges, at it \u03b8 jumps to and fro, " +
      "above it the steps grow. Above \u03b7 = 2 \u03b8 swings from side to side. Clipping breaks this rule.",
    "two valleys":
      "Which valley is reached depends on the start; descent knows only the slope where it stands. A large learning " +
      "rate may leap out of a valley, into the other or into neither.",
    plateau:
      "Far from the valley the cost saturates, as behind a sigmoid: the slope fades, and so do the steps. A rate " +
      "that is large enough out there is too large inside.",
    cliff:
      "A gentle way down ends at a wall. One step onto the wall meets a slope of up to 18 and is thrown far back " +
      "(Pascanu et al. 2013). Clip the slope at 1, and the step back stays short.",
    slice:
      `The loss of a model along ${v.name}, all its other weights held: sampled with gru_lib, with the slope at each ` +
      "sample, and joined by cubic pieces. Training moves all weights at once; this is one direction.",
  }[v.cost];
}

// A slider for numbers of any size: its positions are powers of ten, its values have two digits.
function powers(middle) {
  const centre = Math.round(Math.log10(middle));
  return {
    low: 10 ** (centre - 2), high: 10 ** (centre + 2), step: 0.02, text: short,
    toPosition: Math.log10, toValue: (position) => Number((10 ** position).toPrecision(2)),
  };
}

function scales({ low, high, samples }, rate) {
  const steepest = samples ? Math.max(...samples.slope.map(Math.abs)) : 5;
  const top = within(Number((steepest || 1).toPrecision(2)), 1e-6, 100);
  return [
    ["start", "start \u03b8", { low, high, step: samples ? (high - low) / 120 : 0.05, text: short }],
    ["learning_rate", "learning rate \u03b7", powers(samples ? rate : 0.5)],
    ["clip", "clip slope at", { low: 0, high: top, step: top / 100, text: (size) => (size > 0 ? short(size) : "never") }],
    ["step", "step", { low: 0, high: STEPS, step: 1 }],
  ];
}

function render(given) {
  let timer = 0;

  function build({ controls, set, state, spec, host }) {
    const shows = [];
    if (!spec.samples) {
      const pick = menu("cost", "Cost curve", Object.keys(CURVES), "a slice", (cost) => set([["cost", cost]]));
      controls.append(pick.row);
      shows.push(() => pick.show(state.cost));
    }
    const field = element("fieldset", {}, element("legend", {}, "Gradient descent"));
    for (const [name, label, scale] of scales(spec, state.learning_rate)) {
      const made = ruler(name, label, label, scale, (key, value) => set([[key, value]]));
      field.append(made.row);
      shows.push(() => made.show(state[name]));
    }

    let end = 0;
    const go = (step) => set([["step", within(step, 0, end)]]);
    function pause() {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    }
    function advance() {
      if (state.step < end) go(state.step + 1);
      if (state.step >= end) pause();
    }
    const play = button("play", "Play", () => {
      if (timer) {
        pause();
        return go(state.step); // the words come back, also where no step was taken
      }
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(end); // no motion: the end at once
      play.textContent = "Pause";
      timer = setInterval(advance, BEAT);
      go(state.step >= end ? 0 : state.step); // words of an earlier change that were on their way now wait too
      host.querySelector(".gl-says").textContent = PLAYING;
      host.querySelector("svg").setAttribute("aria-label", PLAYING);
      return undefined;
    });
    const one = button("one", "One step", () => (pause(), go(state.step + 1)));
    const reset = button("reset", "Back to the start", () => (pause(), go(0)));
    controls.append(field, element("div", { class: "gl-buttons" }, play, one, reset));
    shows.push((now) => (end = now.steps));
    return { shows, stop: pause };
  }

  // While it plays, words and Python wait for the pause: a screen reader is not told of every step.
  const pause = () => (timer ? 2 * BEAT : 120);
  const words = (v) => (timer ? PLAYING : sentence(v));
  const title = "DescentLab: gradient descent on one parameter";
  return frame(given, { title, values, sentence: words, why, build, pause });
}

export default { render };
