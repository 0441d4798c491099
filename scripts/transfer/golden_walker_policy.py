"""Writes test/golden/box2d/bipedal-walker-policy-new-envs.json: the walker's policy in Gymnasium with a new env for every seed.

Gymnasium's walker keeps one world over its resets, so that an episode depends on those before; a new env does not. The network is worked
out in float64 and rounded to float32 after each layer, as test/support/box2d-golden.ts does. Usage, in this folder:
python golden_walker_policy.py > ../../test/golden/box2d/bipedal-walker-policy-new-envs.json   (gymnasium 1.4.0, Box2D 2.3.10)
"""
import json
import math
import pathlib

import gymnasium
import numpy as np

golden = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "box2d"
policy = json.loads((golden / "bipedal-walker-policy.json").read_text())
layers = [(np.array(layer["W"], dtype=np.float32).astype(np.float64), np.array(layer["b"], dtype=np.float32).astype(np.float64)) for layer in policy["layers"]]
f32 = np.float32


def act(observation):
    x = observation.astype(np.float64)
    for k, (W, b) in enumerate(layers):
        total = np.zeros(len(b))
        for i in range(W.shape[1]):
            total += W[:, i] * x[i]
        x = total.astype(f32).astype(np.float64) + b
        if k < len(layers) - 1:
            x = np.array([math.tanh(v) for v in x.astype(f32).astype(np.float64)])
        x = x.astype(f32).astype(np.float64)
    return np.clip(x, -1, 1).astype(f32)


returns, lengths = [], []
for seed in policy["seeds"]:
    env = gymnasium.make("BipedalWalker-v3")
    observation, _ = env.reset(seed=seed)
    total, steps = 0.0, 0
    while True:
        observation, reward, terminated, truncated, _ = env.step(act(observation))
        total += reward
        steps += 1
        if terminated or truncated:
            break
    env.close()
    returns.append(round(float(total), 4))
    lengths.append(steps)
print(json.dumps({"origin": "gymnasium 1.4.0, Box2D 2.3.10, scripts/transfer/golden_walker_policy.py", "returns": returns, "lengths": lengths}))
