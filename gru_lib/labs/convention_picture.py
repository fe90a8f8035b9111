"""The drawing of ConventionLab, whose moving parts name the values they show."""


def picture(readings, most_units):
    """SVG text for picture.js: outputs on top, the matrix of pairs, the count of the parameters.

    `readings` gives for each name the row of the table of conventions and the order of its blocks.
    """
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" class="gl-picture" viewBox="0 0 720 742">']
    text = '<text class="{}" x="{}" y="{}">{}</text>'.format
    parts.append('<text class="gl-title" x="0" y="14" data-text="{title}"/>')
    for x, head in ((0, "reading"), (98, "reset"), (152, "z"), (206, "blocks"), (258, "same as")):
        parts.append(text("gl-note", x, 38, head))
    for u in range(most_units):
        mid = 336 + 104 * u
        parts.append(f'<g data-when="unit_{u}=yes">' + text("gl-note gl-mid", mid, 38, f"unit {u}"))
        parts.append(f'<path class="gl-axis" d="M{mid} 44V236"/></g>')
    for i, (name, (how, order)) in enumerate(readings.items()):
        y = 60 + 26 * i + (8 if i > 3 else 0)
        parts.append(text("gl-title", 0, y, name) + text("", 98, y, how.reset))
        parts.append(text("", 152, y, "keeps" if how.keep == "z" else "writes"))
        parts.append(text("", 206, y, " ".join(order)))
        parts.append(f'<rect class="gl-box gl-ink" x="266" y="{y - 15}" width="24" height="20" rx="4"/>')
        parts.append(f'<text class="gl-number gl-mid" x="278" y="{y}" data-text="{{letter_{i}}}"/>')
        for u in range(most_units):
            mid, key = 336 + 104 * u, f"h_{i}_{u}"
            parts.append(f'<g data-when="unit_{u}=yes">')
            parts.append(f'<path class="gl-bar gl-h" d="" data-set-d="M{mid} {y - 5}H{{{key}*26+{mid}}}"/>')
            number = f'<text class="gl-small gl-end" x="{mid + 70}" y="{y}" data-text="{{{key}}}"'
            parts.append(f'{number} data-readout="{key}"/></g>')
    parts.append(text("gl-title", 0, 276, "Can the column compute what the row computes?"))
    parts.append(
        text(
            "gl-note",
            0,
            294,
            "Largest difference over all steps and units: with the same arrays → after −z, z⇄r, c→b where needed",
        )
    )
    for j, name in enumerate(readings):
        parts.append(text("gl-mid gl-small", 144 + 87 * j + (8 if j > 3 else 0), 318, name))
    for i, name in enumerate(readings):
        y = 326 + 38 * i + (8 if i > 3 else 0)
        parts.append(text("gl-title", 0, y + 22, name))
        for j in range(len(readings)):
            x, at = 102 + 87 * j + (8 if j > 3 else 0), f"{i}_{j}"
            box = f'<rect data-set-class="gc-cell {{style_{at}}}" x="{x}" y="{y}" width="84" height="34" rx="4"'
            parts.append(f'{box} data-readout="raw_{at}"/>')
            parts.append(
                f'<text class="gl-title gl-small gl-mid" x="{x + 42}" y="{y + 14}" data-text="{{word_{at}}}"/>'
            )
            parts.append(
                f'<text class="gl-tiny gl-mid" x="{x + 42}" y="{y + 28}" data-text="{{gap_{at}}}" data-readout="mapped_{at}"/>'
            )
    parts.append('<text class="gl-title" x="0" y="636" data-text="{count_title}"/>')
    heads = ((120, "blocks × (W: d·h + U: h·h + biases)"), (404, "formula"), (512, "parameters"))
    parts += [text("gl-note", x, 656, head) for x, head in heads]
    kinds = (
        ("GRU, one bias", "3h(d + h + 1)"),
        ("GRU, two biases", "3h(d + h + 2)"),
        ("LSTM, one bias", "4h(d + h + 1)"),
    )
    for k, (kind, formula) in enumerate(kinds):
        y = 678 + 24 * k
        parts.append(text("gl-title", 0, y, kind) + text("", 404, y, formula))
        parts.append(f'<text x="120" y="{y}" data-text="{{term_{k}}}"/>')
        parts.append(f'<path class="gl-bar gl-x" d="" data-set-d="M590 {y - 5}H{{share_{k}*120+590}}"/>')
        parts.append(
            f'<text class="gl-number gl-end" x="578" y="{y}" data-text="{{written_{k}}}" data-readout="total_{k}"/>'
        )
    return "\n".join([*parts, "</svg>"])
