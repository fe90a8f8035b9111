// The browser's own inputs, labelled, in the colour of the gate they belong to. JupyterLab leaves the keys to
// whatever stands inside data-lm-suppress-shortcuts.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "hidden" || name === "disabled") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// "W_z" with its index set low
function symbol(name) {
  const [letter, index] = name.split("_");
  return index ? [letter, element("sub", {}, index)] : [letter];
}

// An input finds its label by id, and radio buttons their fellows by name: both must be one of a kind in the page,
// also when every lab in it has loaded a copy of this module.
const copy = Math.random().toString(36).slice(2, 10);
let labels = 0;
const unique = () => `gru-lab-${copy}-${(labels += 1)}`;

export function slider(name, [low, high], title, onInput) {
  const id = unique();
  const input = element("input", {
    type: "range", id, min: low, max: high, step: 0.05, "data-name": name, "data-lm-suppress-shortcuts": "true",
    oninput: () => onInput(name, Number(input.value)),
  });
  const output = element("output", { for: id });
  const label = element("label", { for: id }, ...symbol(name));
  const row = element("div", { class: "gl-slider", title }, label, input, output);
  return {
    row,
    input,
    show(value) {
      if (Number(input.value) !== value) input.value = value;
      output.textContent = (value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(2);
    },
  };
}

// Radio buttons: options are [value, text]
export function choice(name, title, options, onInput) {
  const group = unique();
  const inputs = options.map(([value]) =>
    element("input", {
      type: "radio", name: group, value, id: `${group}-${value}`, oninput: () => onInput(name, value),
      "data-name": name, "data-lm-suppress-shortcuts": "true",
    }));
  const rows = options.map(([value, text], i) =>
    element("div", { class: "gl-choice" }, inputs[i], element("label", { for: `${group}-${value}` }, text)));
  return {
    row: element("fieldset", {}, element("legend", {}, title), ...rows),
    show: (now) => inputs.forEach((input) => (input.checked = input.value === now)),
  };
}

// A check box
export function tick(name, text, onInput) {
  const id = unique();
  const input = element("input", {
    type: "checkbox", id, "data-name": name, "data-lm-suppress-shortcuts": "true",
    oninput: () => onInput(name, input.checked),
  });
  return {
    row: element("div", { class: "gl-choice" }, input, element("label", { for: id }, text)),
    show: (now) => (input.checked = now),
  };
}

// A list to pick from; `none` is shown while nothing in it applies
export function menu(name, title, options, none, onInput) {
  const id = unique();
  const select = element(
    "select",
    { id, "data-name": name, "data-lm-suppress-shortcuts": "true", onchange: () => onInput(select.value) },
    element("option", { value: "", disabled: true }, none),
    ...options.map((option) => element("option", { value: option }, option)),
  );
  return {
    row: element("div", {}, element("label", { for: id }, title), select),
    show(now) {
      if (select.value !== now) select.value = now;
    },
  };
}

export function button(name, text, onClick) {
  const keys = { "data-name": name, "data-lm-suppress-shortcuts": "true" };
  return element("button", { type: "button", ...keys, onclick: onClick }, text);
}

// Run `work`; whatever goes wrong in it becomes a sentence in the lab, never an empty place.
export function guarded(alert, work) {
  return (...given) => {
    try {
      work(...given);
      alert.hidden = true;
    } catch (error) {
      alert.textContent = `The lab cannot show this: ${error.message}. Correct the setting, or run its cell again.`;
      alert.hidden = false;
      console.error(error);
    }
  };
}
