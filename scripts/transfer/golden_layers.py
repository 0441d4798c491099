"""Writes test/golden/layers.json: layers and whole encoders as PyTorch computes them, in float64.

    pip install torch
    python scripts/transfer/golden_layers.py test/golden/layers.json
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return [round(x, 12) for x in tensor.detach().flatten().tolist()]


def draw(*shape):
    # Rounded before use, so that the file says exactly what went in.
    return torch.round(torch.randn(*shape) * 0.3, decimals=4).requires_grad_()


def case(name, spec, inputs, parameters, output, extra):
    slope = torch.round(torch.randn_like(output), decimals=4)
    output.backward(slope)
    return {
        "name": name,
        "layers": spec,
        **inputs,
        "parameters": {k: numbers(v) for k, v in parameters.items()},
        "output": numbers(output),
        "slope": numbers(slope),
        "gradients": {k: numbers(v.grad) for k, v in parameters.items()},
        **extra(),
    }


def conv(padding, stride, kernel, activation):
    x = draw(3, 2, 7, 6)
    p = {"weight": draw(4, 2, kernel, kernel), "bias": draw(4)}
    y = {"silu": F.silu, "relu": F.relu, "tanh": torch.tanh, "gelu": lambda v: F.gelu(v, approximate="tanh")}[activation](
        F.conv2d(x, p["weight"], p["bias"], stride=stride, padding=padding)
    )
    spec = {"type": "conv2d", "filters": 4, "kernel": kernel, "stride": stride, "padding": padding, "activation": activation}
    return case(f"conv2d {kernel}x{kernel}/{stride} padding {padding} {activation}", spec, {"x": numbers(x), "input": [2, 7, 6]}, p, y, lambda: {"inputGradient": numbers(x.grad)})


def pool():
    x = draw(2, 3, 7, 6)
    y = F.max_pool2d(x, 3, 2, 1)
    return case("maxPool 3x3/2 padding 1", {"type": "maxPool", "kernel": 3, "stride": 2, "padding": 1}, {"x": numbers(x), "input": [3, 7, 6]}, {}, y, lambda: {"inputGradient": numbers(x.grad)})


def norm():
    x = draw(4, 9)
    p = {"scale": draw(9), "shift": draw(9)}
    y = F.layer_norm(x, (9,), p["scale"], p["shift"])
    return case("layerNorm", {"type": "layerNorm"}, {"x": numbers(x), "input": [9]}, p, y, lambda: {"inputGradient": numbers(x.grad)})


def memory(cell, steps=5, sequences=3, inputs=4, units=6):
    gates = units * (3 if cell == "gru" else 4)
    x = draw(sequences, steps, inputs)
    p = {"inputWeight": draw(inputs, gates), "stateWeight": draw(units, gates), "inputBias": draw(gates), "stateBias": draw(gates)}
    state = draw(sequences, units * (2 if cell == "lstm" else 1))
    starts = torch.zeros(sequences, steps)
    starts[0, 2] = starts[2, 4] = 1
    ours = torch.nn.GRUCell(inputs, units) if cell == "gru" else torch.nn.LSTMCell(inputs, units)
    weights = {"weight_ih": p["inputWeight"].T, "weight_hh": p["stateWeight"].T, "bias_ih": p["inputBias"], "bias_hh": p["stateBias"]}
    step = lambda v, h: torch.func.functional_call(ours, weights, (v, h))
    h = state[:, :units]
    c = state[:, units:]
    rows = []
    for t in range(steps):
        keep = (1 - starts[:, t]).unsqueeze(1)
        if cell == "gru":
            h = step(x[:, t], h * keep)
        else:
            h, c = step(x[:, t], (h * keep, c * keep))
        rows.append(h)
    y = torch.stack(rows, 1)
    after = h if cell == "gru" else torch.cat([h, c], 1)
    return case(cell, {"type": cell, "units": units}, {"x": numbers(x), "input": [inputs], "steps": steps, "state": numbers(state), "starts": numbers(starts)}, p, y, lambda: {"inputGradient": numbers(x.grad), "after": numbers(after)})


cases = [conv(0, 1, 3, "tanh"), conv(0, 2, 3, "silu"), conv(1, 2, 4, "gelu"), conv(2, 3, 3, "relu"), pool(), norm(), memory("gru"), memory("lstm")]
json.dump({"origin": f"PyTorch {torch.__version__}, scripts/transfer/golden_layers.py", "cases": cases}, open(sys.argv[1], "w"))
