"""Write onnx_*.npz: outputs of the ONNX operator GRU. Needs onnx, onnxruntime and NumPy alone.

`h` is what onnx.reference, the written-out standard, computes in float64; `h_runtime` what onnxruntime computes,
whose kernel is of float32, from the same numbers rounded to float32.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from case import BATCH, HIDDEN, INPUT, TIME, sequence, weights
from onnx.reference import ReferenceEvaluator


def model(linear_before_reset, with_bias, kind):
    inputs = {"X": (TIME, BATCH, INPUT), "W": (1, 3 * HIDDEN, INPUT), "R": (1, 3 * HIDDEN, HIDDEN)}
    inputs |= {"B": (1, 6 * HIDDEN)} if with_bias else {}
    inputs |= {"initial_h": (1, BATCH, HIDDEN)}
    names = ["X", "W", "R", "B" if with_bias else "", "", "initial_h"]
    node = onnx.helper.make_node(
        "GRU", names, ["Y", "Y_h"], hidden_size=HIDDEN, linear_before_reset=linear_before_reset
    )
    graph = onnx.helper.make_graph(
        [node],
        "gru",
        [onnx.helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [onnx.helper.make_tensor_value_info("Y", kind, (TIME, 1, BATCH, HIDDEN))],
    )
    found = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(found, full_check=True)
    return found


def run(seed, linear_before_reset, with_bias=True):
    rng, data = sequence(seed)
    shapes = {"W": (1, 3 * HIDDEN, INPUT), "R": (1, 3 * HIDDEN, HIDDEN)}
    arrays = weights(rng, shapes | ({"B": (1, 6 * HIDDEN)} if with_bias else {}))
    feed = {"X": data["x"].swapaxes(0, 1), **arrays, "initial_h": data["h0"][None]}

    in_float64 = model(linear_before_reset, with_bias, onnx.TensorProto.DOUBLE)
    (h,) = ReferenceEvaluator(in_float64).run(["Y"], feed)
    assert h.dtype == np.float64
    in_float32 = model(linear_before_reset, with_bias, onnx.TensorProto.FLOAT)
    session = onnxruntime.InferenceSession(in_float32.SerializeToString(), providers=["CPUExecutionProvider"])
    (h_runtime,) = session.run(["Y"], {name: value.astype(np.float32) for name, value in feed.items()})
    out = data | arrays | {"h": h[:, 0].swapaxes(0, 1), "h_runtime": h_runtime[:, 0].swapaxes(0, 1)}
    out["linear_before_reset"] = linear_before_reset
    out["versions"] = f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {np.__version__}"
    return {name: np.asarray(value) for name, value in out.items()}


if __name__ == "__main__":
    here = Path(__file__).parent
    np.savez(here / "onnx_after.npz", **run(9, linear_before_reset=1))
    np.savez(here / "onnx_before.npz", **run(10, linear_before_reset=0))
    np.savez(here / "onnx_after_no_bias.npz", **run(11, linear_before_reset=1, with_bias=False))
    np.savez(here / "onnx_before_no_bias.npz", **run(12, linear_before_reset=0, with_bias=False))
