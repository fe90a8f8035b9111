"""A second GRU, one equation a line and no thought of speed: what `gru_lib.GRU` is compared with at any size.

`test_deliberate_breaks` edits lines of this file to make wrong GRUs, so every line it edits must be unique.
"""

from types import SimpleNamespace

import numpy as np

from gru_lib.gru import GRU, Gradients, Step


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class PlainGRU(GRU):
    """The same interface and meaning as GRU; inputs are not checked."""

    def read_weights(self):
        w = {name: value.copy() for name, value in self.weights.items()}
        for gate in "zrh":
            w.setdefault(f"c_{gate}", np.zeros(self.hidden_size, self.dtype))
        return SimpleNamespace(**w)

    def step(self, x_t, h_prev):
        return self.equations(self.read_weights(), x_t, h_prev)

    def equations(self, w, x_t, h_prev):
        z = sigmoid(x_t @ w.W_z + h_prev @ w.U_z + w.b_z + w.c_z)
        r = sigmoid(x_t @ w.W_r + h_prev @ w.U_r + w.b_r + w.c_r)
        if self.reset == "after":
            candidate = np.tanh(x_t @ w.W_h + w.b_h + r * (h_prev @ w.U_h + w.c_h))
        else:
            candidate = np.tanh(x_t @ w.W_h + w.b_h + (r * h_prev) @ w.U_h)
        h = z * h_prev + (1 - z) * candidate
        return Step(z, r, candidate, h)

    def forward(self, x, h0=None, mask=None):
        w = self.read_weights()
        x = np.asarray(x, self.dtype)
        batch, time, _ = x.shape
        h0 = np.zeros((batch, self.hidden_size)) if h0 is None else h0
        mask = np.ones((batch, time), bool) if mask is None else mask
        states = [np.asarray(h0, self.dtype)]
        steps = []
        for t in range(time):
            counts = mask[:, t, None]
            s = self.equations(w, x[:, t], states[-1])
            h = np.where(counts, s.h, states[-1])
            z = np.where(counts, s.z, 1).astype(self.dtype)
            steps.append(Step(z, s.r, s.candidate, h))
            states.append(h)
        stacked = (np.stack(kind, axis=1) for kind in zip(*steps, strict=True))
        z, r, candidate, h = stacked
        return SimpleNamespace(z=z, r=r, candidate=candidate, h=h, states=states, x=x, mask=mask, w=w)

    def backward(self, trace, dh):
        w = trace.w
        dh = np.asarray(dh, self.dtype)
        total = {name: np.zeros_like(value) for name, value in vars(w).items()}
        dx = np.zeros_like(trace.x)
        g = np.zeros_like(trace.states[0])
        for t in reversed(range(dh.shape[1])):
            x_t, h_prev = trace.x[:, t], trace.states[t]
            z, r, candidate = trace.z[:, t], trace.r[:, t], trace.candidate[:, t]
            g = g + dh[:, t]
            da_z = g * (h_prev - candidate) * z * (1 - z)
            da_h = g * (1 - z) * (1 - candidate**2)
            if self.reset == "after":
                du = da_h * r
                da_r = da_h * (h_prev @ w.U_h + w.c_h) * r * (1 - r)
                dU_h = h_prev.T @ du
                through_candidate = du @ w.U_h.T
            else:
                du = da_h
                dv = da_h @ w.U_h.T
                da_r = dv * h_prev * r * (1 - r)
                dU_h = (r * h_prev).T @ du
                through_candidate = dv * r
            step = {"U_z": h_prev.T @ da_z, "U_r": h_prev.T @ da_r, "U_h": dU_h}
            step |= {"W_z": x_t.T @ da_z, "W_r": x_t.T @ da_r, "W_h": x_t.T @ da_h}
            step |= {"b_z": da_z.sum(axis=0), "b_r": da_r.sum(axis=0), "b_h": da_h.sum(axis=0)}
            step |= {"c_z": da_z.sum(axis=0), "c_r": da_r.sum(axis=0), "c_h": du.sum(axis=0)}
            for name, value in step.items():
                total[name] = total[name] + value
            dx[:, t] = da_z @ w.W_z.T + da_r @ w.W_r.T + da_h @ w.W_h.T
            g = g * z + through_candidate + da_z @ w.U_z.T + da_r @ w.U_r.T
        return Gradients({name: total[name] for name in self.weights}, dx, g)
