// ForecastLab: a forecast beside the truth and beside the truth some days late. `values` computes every number and
// word of the picture forecast_lab.svg; forecast_lab.py computes the same dictionary, and the tests compare the two.
import { choice } from "./controls.js";
import { frame, ruler } from "./settings.js";

const LEAST = 10; // days in view
const [LEFT, RIGHT] = [62, 710];
const [TOP, BOTTOM] = [56, 236]; // the frame of the curves in the picture
const [UPPER, LOWER] = [284, 366]; // the frame of the errors

const place = (value) => String(Math.floor(value * 100 + 0.5) / 100);
const line = (points) => `M${points.map(([x, y]) => `${place(x)} ${place(y)}`).join("L")}`;
const least = (numbers, start) => numbers.reduce((a, b) => Math.min(a, b), start);
const most = (numbers, start) => numbers.reduce((a, b) => Math.max(a, b), start);

// So many significant digits, without zeros at the end; very large and small numbers as 1.2e-5.
function plain(value, digits) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const rounded = Number(size.toPrecision(digits));
  const sign = value < 0 ? "\u2212" : "";
  if (size >= 1e-3 && size < 1e5) return sign + String(rounded);
  return sign + rounded.toExponential().replace("-", "\u2212").replace("+", "");
}

const signed = (value) => (value > 0 ? "+" : "") + plain(value, 4);
const daysOf = (number) => `${number} day${number === 1 ? "" : "s"}`;

function late(lag) {
  const meaning = { 0: ", no forecast", 1: ", the last value" }[lag] ?? "";
  return `truth ${daysOf(lag)} late${meaning}`;
}

function verdict(v) {
  if (v.late_rmse === 0) return "Nothing is better than the truth itself; tomorrow's newspaper has it.";
  return `The forecast's error is ${plain(v.forecast_rmse / v.late_rmse, 3)} times that of the late truth.`;
}

function sentence(v) {
  return (
    `${v.title}, ${v.show} shown. ${v.forecast_text}; ${v.late_text}, on ${v.count} days. ${v.verdict}`
  );
}

function values(state, { truth, forecast, name, unit }) {
  const { lag, shift, days, show } = state;
  const n = truth.length;
  const first = Math.min(state.first, n - days);
  const last = first + days - 1;
  const v = { ...state, from: first + 1, to: last + 1, name, title: `Days ${first + 1} to ${last + 1} of ${n}` };
  v.seen_forecast = show === "late truth" ? "no" : "yes";
  v.seen_late = show === "forecast" ? "no" : "yes";

  // the curves in view
  const curves = { truth: [], forecast: [], late: [] };
  for (let t = first; t <= last; t += 1) {
    curves.truth.push([t, truth[t]]);
    if (t - shift >= 0 && t - shift < n) curves.forecast.push([t, forecast[t - shift]]);
    if (t >= lag) curves.late.push([t, truth[t - lag]]);
  }
  const everything = Object.values(curves).flatMap((points) => points.map((point) => point[1]));
  const [low, high] = [least(everything, Infinity), most(everything, -Infinity)];
  const span = high - low || 1;
  const x = (t) => LEFT + ((RIGHT - LEFT) * (t - first)) / (last - first);
  const y = (value) => BOTTOM - ((BOTTOM - TOP) * (value - low)) / span;
  for (const which of Object.keys(curves)) {
    const points = curves[which].map(([t, value]) => [x(t), y(value)]);
    v[`${which}_d`] = points.length > 1 ? line(points) : points.length ? `${line(points)}h0.1` : "";
  }
  v.low_text = plain(low, 4);
  v.high_text = plain(high, 4);

  // the errors, on all days
  const start = Math.max(lag, shift);
  const stop = n + Math.min(shift, 0);
  const count = stop - start;
  let total = 0;
  const [squares, sums] = [[0, 0], []];
  for (let t = start; t < stop; t += 1) {
    const one = (forecast[t - shift] - truth[t]) ** 2;
    const other = (truth[t - lag] - truth[t]) ** 2;
    squares[0] += one;
    squares[1] += other;
    total += (one - other) / count;
    sums.push(total);
  }
  const [floor, ceiling] = [least(sums, 0), most(sums, 0)];
  const room = ceiling - floor || 1;
  const across = (t) => LEFT + ((RIGHT - LEFT) * t) / (n - 1);
  const up = (value) => LOWER - ((LOWER - UPPER) * (value - floor)) / room;
  v.sum_d = line(sums.map((value, k) => [across(start + k), up(value)]));
  v.zero_y = up(0);
  v.end_y = up(total);
  v.view_x = across(first);
  v.view_width = across(last) - across(first);
  v.total = total;
  v.total_text = signed(total);
  v.forecast_rmse = Math.sqrt(squares[0] / count);
  v.late_rmse = Math.sqrt(squares[1] / count);
  v.count = count;

  // as written
  const space = unit ? ` ${unit}` : "";
  v.late = late(lag);
  const moved = shift === 0 ? "" : `, moved by ${signed(shift)}`;
  v.forecast_text = `${name}${moved}: RMSE ${plain(v.forecast_rmse, 4)}${space}`;
  v.late_text = `${v.late}: RMSE ${plain(v.late_rmse, 4)}${space}`;
  v.verdict = verdict(v);
  v.below = `Mean squared error, ${name} minus ${v.late}, as it adds up over all days`;
  v.gains = "up: the forecast loses ground";
  return v;
}

function why(v) {
  if (v.shift < 0)
    return (
      "The forecast is moved into the past, to where nobody had made it yet. If it fits better there, it comes late: " +
      "it is more like the day it was made on than like the day it was made for."
    );
  if (v.shift > 0) return "The forecast is moved further into the future: what was said of one day, held against a later.";
  if (v.lag === 0) return "The truth not late at all is no forecast: it needs to know the day that it tells of.";
  return (
    "Above, the eye compares across the curve, and on a steep stretch everything lies close. Below, the errors are " +
    "compared day by day: where the line rises, the forecast loses ground to the late truth."
  );
}

function render(given) {
  function build({ controls, set, state, spec }) {
    const n = spec.truth.length;
    const put = (name, value) => set([[name, value]]);
    const shown = [["both", "forecast and late truth"], ["forecast", "forecast"], ["late truth", "late truth"]];
    const pick = choice("show", "Beside the truth", shown, put);
    controls.append(pick.row);
    const shows = [() => pick.show(state.show)];
    const scales = [
      ["lag", "days late", "by how many days the truth is late", { low: 0, high: 10, step: 1 }],
      ["shift", "shift forecast", "by how many days the forecast is moved", { low: -10, high: 10, step: 1, text: signed }],
      ["days", "days in view", "how many days are in view", { low: LEAST, high: n, step: 1 }],
      ["first", "from day", "the first day in view", { low: 0, high: n - LEAST, step: 1, text: (day) => String(day + 1) }],
    ];
    for (const [name, label, title, scale] of scales) {
      const made = ruler(name, label, title, scale, put);
      controls.append(made.row);
      shows.push(() => made.show(state[name]));
    }
    return { shows };
  }

  const title = "ForecastLab: a forecast beside the truth, and beside the truth some days late";
  return frame(given, { title, values, sentence, why, build });
}

export default { render };
