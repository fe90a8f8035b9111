// A question between two sections: the learner answers, and is told whether that was right and why. Nothing here
// needs a kernel; the answer is sent to Python, which judges it by the same rule (question_choose.py and so on).
import { button, element, guarded } from "./controls.js";

const ROUNDING = 1e-9; // that of question_predict.py

// The pieces of a text, [tag, ...pieces] or a string, as nodes; question_text.py has let through four tags alone.
function typeset(pieces) {
  const nodes = document.createDocumentFragment();
  for (const piece of pieces) {
    nodes.append(typeof piece === "string" ? piece : element(piece[0], {}, typeset(piece.slice(1))));
  }
  return nodes;
}

const line = (...parts) => element("p", {}, ...parts);
const number = (value) => String(value).replace("-", "\u2212");

// Each kind of question gives: todo, what to do; rows, its inputs; missing, what to say as long as there is no answer;
// read(), the answer or undefined; put(answer), which shows it in the inputs; judge(answer), whether it is right (null:
// the learner judges) and what to say; folded, what may be unfolded after an answer, with its title.

function choose({ several, choices }) {
  const type = several ? "checkbox" : "radio";
  // Radio buttons find their fellows within their own form, so that no other question can have a part in them.
  const inputs = choices.map(() => element("input", { type, name: "answer" }));
  const rows = choices.map(({ text }, i) =>
    element("label", { class: "gq-choice" }, inputs[i], element("span", {}, typeset(text))));
  const list = choices.map(({ text, why, right }) =>
    element("li", {}, typeset(text), ": ", element("strong", {}, right ? "right." : "not right."), " ", typeset(why)));
  return {
    rows,
    todo: several ? "Choose all that are right." : "Choose one.",
    missing: several ? "Tick at least one choice first." : "Choose one first.",
    read() {
      const chosen = choices.filter((_, i) => inputs[i].checked).map(({ value }) => value);
      if (chosen.length > 0) return several ? chosen : chosen[0];
      return undefined;
    },
    put: (answer) => choices.forEach(({ value }, i) => {
      inputs[i].checked = several ? (answer ?? []).includes(value) : value === answer;
    }),
    judge(answer) {
      const chosen = choices.filter(({ value }) => (several ? answer.includes(value) : value === answer));
      const good = chosen.filter(({ right }) => right).length;
      const all = choices.filter(({ right }) => right).length;
      const said = chosen.map(({ text, why, right }) => {
        const verdict = several ? [": ", element("strong", {}, right ? "right." : "not right.")] : [];
        return line(element("q", {}, typeset(text)), ...verdict, element("br"), typeset(why));
      });
      if (several && good < all) said.unshift(line(`You had ${good} of the ${all} that are right.`));
      return { right: good === all && chosen.length === good, said };
    },
    title: "Every choice explained",
    folded: [element("ul", {}, ...list)],
  };
}

function order({ items, why, wrong }) {
  const ranks = Object.fromEntries(items.map(({ value, rank }) => [value, rank]));
  const texts = Object.fromEntries(items.map(({ value, text }) => [value, text]));
  const moved = element("p", { class: "gq-unseen", "aria-live": "polite" });
  const list = element("ol");
  const rows = new Map(items.map(({ value, text }) => [value, row(value, text)]));

  function row(value, text) {
    const buttons = [["Up", -1], ["Down", 1]].map(([name, step]) => button(name, name, () => move(value, step)));
    const words = element("span", {}, typeset(text));
    for (const one of buttons) one.setAttribute("aria-label", `${one.textContent}: ${words.textContent}`);
    const made = element("li", {}, element("div", {}, ...buttons, words));
    made.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      move(value, step);
    });
    return made;
  }

  // The neighbour goes past, not the item itself: what leaves its place in the page loses the focus.
  function move(value, step) {
    const item = rows.get(value);
    const neighbour = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (neighbour && step < 0) item.after(neighbour);
    else if (neighbour) item.before(neighbour);
    marked();
    const place = [...list.children].indexOf(item) + 1;
    moved.textContent = `${item.querySelector("span").textContent}: ${neighbour ? "now" : "still"} ${place} of ${items.length}`;
  }

  // A button that is disabled would lose the focus, too.
  function marked() {
    [...list.children].forEach((item, i) => {
      const [up, down] = item.querySelectorAll("button");
      up.setAttribute("aria-disabled", i === 0);
      down.setAttribute("aria-disabled", i === items.length - 1);
    });
  }

  function put(answer) {
    const wanted = answer ?? items.map(({ value }) => value);
    if (JSON.stringify(wanted) === JSON.stringify(read())) return;
    list.append(...wanted.map((value) => rows.get(value)));
    marked();
  }

  const read = () => [...rows.keys()].sort((a, b) => place(a) - place(b));
  const place = (value) => [...list.children].indexOf(rows.get(value));
  list.append(...rows.values());
  marked();

  const groups = items.reduce((all, { rank, text }) => {
    (all[rank] ??= []).push(text);
    return all;
  }, []);
  const right = groups.map((texts) => {
    const parts = texts.flatMap((text, i) => (i ? ["; ", typeset(text)] : [typeset(text)]));
    return element("li", {}, ...parts, texts.length > 1 ? " (in either order)" : "");
  });
  return {
    rows: [list, moved],
    todo: "Put in order, with the buttons or with the arrow keys on them.",
    read,
    put,
    judge(answer) {
      const found = answer.map((value) => ranks[value]);
      const wanted = [...found].sort((a, b) => a - b);
      const placed = found.filter((rank, i) => rank === wanted[i]).length;
      if (placed === found.length) return { right: true, said: [line(typeset(why))] };
      const applying = wrong.filter(({ pair: [a, b] }) => answer.indexOf(a) < answer.indexOf(b));
      const said = applying.map(({ pair: [a, b], why: reason }) =>
        line(element("q", {}, typeset(texts[a])), " before ", element("q", {}, typeset(texts[b])), ": ", typeset(reason)));
      const count = placed ? `${placed} of ${found.length}` : "None of them";
      return { right: false, said: [line(`${count} stood in the right place.`), ...said] };
    },
    title: "Reveal the order",
    folded: [element("ol", {}, ...right), line(typeset(why))],
    once: true,
  };
}

function predict({ true: answer, shown, tolerance, between, unit, why, wrong }) {
  const near = (a, b) => Math.abs(a - b) <= tolerance + ROUNDING * Math.max(Math.abs(a), Math.abs(b));
  let touched = false;
  let input;
  let output = "";
  if (answer === null) {
    input = element("textarea", { rows: 2 });
  } else if (between) {
    const [min, max, step] = between;
    output = element("output", {}, "?");
    input = element("input", { type: "range", min, max, step, value: min, "aria-valuetext": "?", oninput: () => told() });
    // Where it stands at first can be meant, too: a click there or a key towards that end moves nothing, but says so.
    input.addEventListener("pointerup", () => told());
    input.addEventListener("keydown", ({ key }) => {
      if (["ArrowLeft", "ArrowDown", "Home", "PageDown"].includes(key) && Number(input.value) === min) told();
    });
  } else {
    input = element("input", { type: "number", step: "any" });
  }
  function told() {
    touched = true;
    output.textContent = number(Number(input.value)) + (unit && ` ${unit}`);
    input.setAttribute("aria-valuetext", output.textContent);
  }
  const typed = answer !== null && !between ? unit : "";
  const label = element("label", { class: "gq-field" }, "Your prediction", input, typed);
  const folded = [line("The answer: ", typeset(shown)), line(typeset(why))];

  const direction = (value) => (value > answer ? "too high." : "too low.");
  function measured(value) {
    if (value === answer) return "exactly that.";
    const off = Math.abs(value - answer);
    const far = number(Number.isInteger(off) ? off : Number(off.toPrecision(3))) + (unit && ` ${unit}`);
    return `${far} ${direction(value)}`;
  }
  return {
    rows: [element("div", { class: between ? "gl-slider" : "" }, label, output)],
    todo: answer === null ? "Write it down, then compare." : "",
    missing: between ? "Move the slider first." : answer === null ? "Write a sentence first." : "Type a number first.",
    read() {
      if (answer === null) return input.value.trim() ? input.value : undefined;
      if (between) return touched ? Number(input.value) : undefined;
      return input.value === "" ? undefined : input.valueAsNumber;
    },
    put(value) {
      if (String(input.value) !== String(value ?? "")) input.value = value ?? (between ? between[0] : "");
      if (between && value !== null) told();
      else if (between) {
        touched = false;
        output.textContent = "?";
        input.setAttribute("aria-valuetext", "?");
      }
    },
    judge(value) {
      if (answer === null) return { right: null, said: [line("You wrote: ", element("q", {}, value)), ...folded] };
      if (near(value, answer)) {
        return { right: true, said: [line(`You said ${number(value)}: ${measured(value)}`), ...folded] };
      }
      const known = wrong.filter((one) => near(one.value, value)).map((one) => line(typeset(one.why)));
      // By how much would be the answer.
      return { right: false, said: [line(`You said ${number(value)}: ${direction(value)}`), ...known] };
    },
    title: "Reveal the answer",
    folded: folded.map((one) => one.cloneNode(true)),
    once: true,
  };
}

const KINDS = { choose, order, predict };
const WORDS = new Map([[true, "Right."], [false, "Not yet."], [null, "Compare."]]);

function render({ model, el }) {
  const alert = element("p", { role: "alert", hidden: true });
  const form = element("form", { class: "gru-question", novalidate: "" }, alert);
  el.append(form);
  let stop;
  guarded(alert, () => {
    const spec = model.get("_spec");
    const kind = KINDS[spec.kind](spec);
    const says = element("div", { class: "gq-says", "aria-live": "polite" });
    const more = element("details", { hidden: true }, element("summary", {}, kind.title), ...kind.folded);
    const todo = kind.todo ? [element("p", { class: "gq-todo" }, kind.todo)] : [];
    const submit = element("button", { type: "submit" }, "Answer");
    form.append(
      element("fieldset", {}, element("legend", {}, typeset(spec.question)), ...todo, ...kind.rows), submit, says, more);
    // JupyterLab asks the element that has the focus, and none around it.
    for (const one of form.querySelectorAll("input, textarea, button, summary")) {
      one.setAttribute("data-lm-suppress-shortcuts", "true");
    }

    const show = guarded(alert, () => {
      const answer = model.get("answer");
      kind.put(answer);
      if (answer === null) {
        delete says.dataset.right;
        says.replaceChildren();
        more.hidden = true;
        return;
      }
      const { right, said } = kind.judge(answer);
      said[0].prepend(element("strong", {}, WORDS.get(right)), " ");
      says.dataset.right = String(right);
      says.replaceChildren(...said);
      more.hidden = kind.once === true && right !== false; // what it holds has just been said
    });

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const answer = kind.read();
      if (answer === undefined) {
        delete says.dataset.right;
        says.replaceChildren(line(kind.missing));
      } else if (JSON.stringify(answer) === JSON.stringify(model.get("answer"))) {
        show(); // said once more
      } else {
        model.set("answer", answer);
        model.save_changes();
      }
    });
    // Enter answers, and in a text begins a new line; JupyterLab would prevent both, wherever in a cell they happen.
    form.addEventListener("beforeinput", (event) => event.stopPropagation(), true);
    model.on("change:answer", show);
    stop = () => model.off("change:answer", show);
    show();
  })();
  return stop;
}

export default { render };
