"""Plays policies that were trained here in the real Gymnasium and prints the returns of both sides, seed by seed equal or not.

    pip install "gymnasium[box2d]==1.4.0" Box2D==2.3.10 numpy
    python scripts/transfer/play_policy.py lander.json walker.json ...

The files come from `node dist/scripts/transfer/export-policy.js`. Each seed has a new environment: Gymnasium's walker keeps its Box2D
world over resets, and then an episode depends on those before it. `--reused` plays all seeds in one environment instead.
A file with actions is played open-loop: the env's own observations are not looked at (CarRacing, without its pictures).
"""

import base64
import json
import sys
import warnings
import zlib

import gymnasium
import numpy as np

warnings.filterwarnings("ignore")
NAMES = {"CarRacing-lidar-v3": "CarRacing-v3"}
ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x}


def snake(name):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


class Policy:
    """The exported network in float32, with its normalisation of observations."""

    def __init__(self, content, space):
        f32 = lambda values: np.asarray(values, dtype=np.float32)
        self.layers = [(f32(layer["W"]), f32(layer["b"])) for layer in content["layers"]]
        self.activations = [ACTIVATIONS[name] for name in content["activations"]]
        scale = content["normalization"]
        self.mean, self.inverse = f32(scale["mean"]), f32(scale["invStd"])
        self.clip = np.inf if scale["clip"] is None else np.float32(scale["clip"])
        self.argmax = content["output"] == "argmax"
        self.space = space

    def __call__(self, observation, action_space):
        # Gymnasium's observations may leave their space, those that the policy was trained on do not.
        x = np.clip(observation, self.space.low, self.space.high).astype(np.float32)
        x = np.clip((x - self.mean) * self.inverse, -self.clip, self.clip)
        for (weight, bias), activation in zip(self.layers, self.activations):
            x = activation(weight @ x + bias)
        return int(np.argmax(x)) if self.argmax else np.clip(x, action_space.low, action_space.high).astype(np.float32)


def make(content):
    kwargs = {snake(key): value for key, value in content["kwargs"].items() if key not in ("exact", "rays")}
    name = NAMES.get(content["env"], content["env"])
    env = gymnasium.make(name, **kwargs)
    if "actions" in content and name == "CarRacing-v3":
        # Drawing a picture takes most of a step there and changes nothing else.
        picture = np.zeros(env.observation_space.shape, np.uint8)
        env.unwrapped._render = lambda mode: picture
    return env


def play(env, content, k):
    observation, _ = env.reset(seed=content["seeds"][k])
    if "actions" in content:
        flat = np.frombuffer(zlib.decompress(base64.b64decode(content["actions"][k])), np.float32)
        discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
        plan = iter([int(number) for number in flat] if discrete else flat.reshape(-1, *env.action_space.shape))
        act = lambda _: next(plan)
    else:
        policy = Policy(content, env.observation_space)
        act = lambda seen: policy(seen, env.action_space)
    total, steps, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(act(observation))
        total += float(reward)
        steps += 1
        over = terminated or truncated or ("actions" in content and steps == content["lengths"][k])
    return total, steps


def main(arguments):
    reused = "--reused" in arguments
    print("| env | seeds | Gymkhana: return | Gymnasium: return | same episodes |")
    print("| --- | --- | --- | --- | --- |")
    for file in arguments:
        if file == "--reused":
            continue
        with open(file, encoding="utf8") as handle:
            content = json.load(handle)
        there = []
        shared = make(content) if reused else None
        for k in range(len(content["seeds"])):
            env = shared or make(content)
            there.append(play(env, content, k))
            if shared is None:
                env.close()
        returns = np.array([total for total, _ in there])
        ours = np.array(content["returns"])
        same = sum(
            steps == length and abs(total - expected) < 1e-3
            for (total, steps), length, expected in zip(there, content["lengths"], content["returns"])
        )
        figure = lambda values: f"{values.mean():.2f} +- {values.std(ddof=1) / np.sqrt(len(values)):.2f}"
        how = ", actions replayed" if "actions" in content else ""
        print(f"| {content['env']}{how} | {len(ours)} | {figure(ours)} | {figure(returns)} | {same} of {len(ours)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
