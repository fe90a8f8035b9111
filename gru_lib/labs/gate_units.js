// The numbers of all units side by side, by name: h_prev, b_*, c_h (units), W_* (1 x units), U_* (units x units).
// Nothing is changed in place: what is new is a new object. gate_units.py is the other half.

// The row that holds a unit's own number, and its place in the row
const rowOf = (arrays, name, unit) => ("hbc".includes(name[0]) ? arrays[name] : arrays[name][name[0] === "W" ? 0 : unit]);

export function numbersOf(arrays, unit) {
  return Object.fromEntries(Object.keys(arrays).map((name) => [name, rowOf(arrays, name, unit)[unit]]));
}

export const mapped = (value, change) => (Array.isArray(value) ? value.map((v) => mapped(v, change)) : change(value));

// The arrays with one number changed: in row `from` (of a matrix), at place `unit`
export function placed(arrays, name, value, unit, from = unit) {
  const put = (row) => row.map((old, k) => (k === unit ? value : old));
  const array = arrays[name];
  if ("hbc".includes(name[0])) return { ...arrays, [name]: put(array) };
  const there = name[0] === "W" ? 0 : from;
  return { ...arrays, [name]: array.map((row, i) => (i === there ? put(row) : row)) };
}

// The arrays of `units` units: those that go are the last, those that come have the numbers of `start`
export function resized(arrays, units, start) {
  const fit = (came, full) => Array.from({ length: units }, (_, k) => came?.[k] ?? full[k]);
  return Object.fromEntries(Object.entries(start).map(([name, full]) => {
    if ("hbc".includes(name[0])) return [name, fit(arrays[name], full)];
    const rows = name[0] === "W" ? 1 : units;
    return [name, Array.from({ length: rows }, (_, i) => fit(arrays[name][i], full[i]))];
  }));
}

// The arrays that came from Python, if they are what they should be
export function checkedArrays(value, ranges, start) {
  const units = value.h_prev?.length;
  for (const [name, full] of Object.entries(start)) {
    const [low, high] = ranges[name];
    const rows = "hbc".includes(name[0]) ? [value[name]] : value[name];
    const count = name[0] === "U" ? units : 1;
    const fits = rows?.length === count && rows.every((row) => row?.length === units);
    if (!fits || !rows.flat().every((one) => one >= low && one <= high)) {
      throw new Error(`arrays must hold ${Object.keys(start).join(", ")} of 1 to ${full.length} units within bounds`);
    }
  }
  return value;
}

// What Python changed in the arrays since `known`, put into ours: what the learner has set and not yet sent stays
export function merged(ours, known, came) {
  if (came.h_prev.length !== ours.h_prev.length || known.h_prev.length !== came.h_prev.length) return came;
  const pick = (mine, old, now) => (Array.isArray(now) ? now.map((_, i) => pick(mine[i], old[i], now[i])) : now === old ? mine : now);
  return Object.fromEntries(Object.keys(ours).map((name) => [name, pick(ours[name], known[name], came[name])]));
}
