"""Write torch*.npz: outputs and gradients of torch.nn.GRU in float64. Needs PyTorch and NumPy alone."""

from pathlib import Path

import numpy as np
import torch
from case import HIDDEN, INPUT, sequence, weights


def run(seed, bias=True):
    rng, data = sequence(seed)
    layer = torch.nn.GRU(INPUT, HIDDEN, bias=bias, batch_first=True, dtype=torch.float64)
    arrays = weights(rng, {name: tuple(value.shape) for name, value in layer.state_dict().items()})
    layer.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})

    x = torch.tensor(data["x"], requires_grad=True)
    h0 = torch.tensor(data["h0"], requires_grad=True)
    h, _ = layer(x, h0[None])
    assert h.dtype == torch.float64
    torch.sum(torch.tensor(data["dh"]) * h).backward()
    out = data | arrays | {"h": h.detach(), "d_x": x.grad, "d_h0": h0.grad}
    out |= {f"d_{name}": parameter.grad for name, parameter in layer.named_parameters()}
    out["versions"] = f"torch {torch.__version__}, numpy {np.__version__}"
    return {name: np.asarray(value) for name, value in out.items()}


if __name__ == "__main__":
    here = Path(__file__).parent
    np.savez(here / "torch.npz", **run(7))
    np.savez(here / "torch_no_bias.npz", **run(8, bias=False))
