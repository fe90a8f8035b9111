"""What a check returns: right or not, in a sentence, as plain text and as HTML."""

from html import escape

# Green and orange of the house's palette; the words say the same.
EDGES = {True: "#007A5A", False: "#C05000"}
LINE = "margin:0 0 2px;white-space:pre-wrap;overflow-wrap:anywhere"


class Verdict:
    """The outcome of `check`. It is true if the answer is right, and shows itself at the end of a cell.

    `right`: a bool. `text`: what is shown. `mistake`: the name of the mistake that was recognised, else None.
    `attempt`: False if nothing new has been tried. `solution`: code, offered from the third attempt on, else None.
    The text holds no address, path or time: the same answer gives the same text everywhere.
    """

    def __init__(self, right, text, *, mistake=None, attempt=True, solution=None, exercise=None):
        self.right, self.mistake, self.attempt = right, mistake, attempt
        self.text = text.encode("utf-8", "replace").decode()  # what the code printed may be no text that can be sent
        self.solution, self.exercise = solution, exercise

    def __bool__(self):
        return self.right

    def __repr__(self):
        if self.solution is None:
            return self.text
        return f'{self.text}\nTo see a solution: print(exercises.exercise("{self.exercise}").solution)'

    def _repr_html_(self):
        head, _, rest = self.text.partition(" ")
        if head == "Not":  # "Not yet."
            mark, rest = rest[3:4], rest[4:].lstrip()
            head = "Not yet" + mark
        first, *lines = (escape(line) for line in rest.split("\n"))
        lines = [f"<strong>{escape(head)}</strong> {first}", *lines]
        body = "".join(f"<p style='{LINE}'>{line}</p>" for line in lines)
        if self.solution is not None:
            code = escape(self.solution)
            body += f"<details><summary>A solution</summary><pre style='overflow-x:auto'><code>{code}</code></pre></details>"
        style = f"border-left:4px solid {EDGES[self.right]};padding:4px 10px"
        # Of a folded output JupyterLab shows the first line: a space, and not the source of what is folded.
        return f" \n<section role='status' aria-label='Verdict' style='{style}'>{body}</section>"
