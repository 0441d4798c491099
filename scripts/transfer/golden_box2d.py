"""Writes test/golden/box2d/{lunar-lander,bipedal-walker}.json: episodes of Gymnasium's Box2D environments, to compare ours with.
It also adds `fresh` to bipedal-walker-policy.json there: what that policy does in an environment that is new for each seed, with
sums in float64, rounded to float32 before and after the bias, so that any language can repeat its arithmetic.

    pip install "gymnasium[box2d]==1.4.0" Box2D==2.3.10 numpy
    python scripts/transfer/golden_box2d.py test/golden/box2d

Every case has an environment of its own: BipedalWalker keeps its world over resets, and a world that was used before can give
other bits. Actions are float32 (BipedalWalker's reward is float32 then, and float64 if they are float64).

A file holds `episodes`, step by step, and `digests`, whole episodes of more seeds by their length, return and checksum:

- `policy` is 'random' or 'heuristic'. Random actions come from numpy.random.default_rng(1000 + seed): integers(4), or
  uniform(-1, 1, n) as float32. 'heuristic' is the reference's own controller, its action as float32.
- `observations`, `actions`, `rewards`: base64 of zlib-compressed little-endian float32, float32 (Discrete: uint8) and float64
  numbers. `observations` begins with that of the reset, so it has one row more than `actions`.
- Observations are clipped to the observation space, as ours are: the reference's may leave it.
- `terminated`: whether the last step ended the episode; all before it did not.
- `crc`: zlib.crc32 of the bytes of all observations, from the reset on.
"""

import base64
import json
import sys
import warnings
import zlib
from pathlib import Path

import Box2D
import gymnasium
import numpy as np
from gymnasium.envs.box2d.bipedal_walker import BipedalWalkerHeuristics
from gymnasium.envs.box2d.lunar_lander import heuristic

warnings.filterwarnings("ignore")

LANDER = [
    # id, keyword arguments, seeds step by step
    ("LunarLander-v3", {}, range(1, 7)),
    ("LunarLanderContinuous-v3", {}, range(1, 6)),
    ("LunarLander-v3", {"enable_wind": True}, range(1, 4)),
    ("LunarLanderContinuous-v3", {"enable_wind": True, "wind_power": 19.5, "turbulence_power": 1.9}, range(1, 3)),
    ("LunarLander-v3", {"gravity": -4.25}, range(1, 3)),
]
WALKER = [("BipedalWalker-v3", {}, range(1, 4)), ("BipedalWalkerHardcore-v3", {}, range(1, 4))]
DIGEST_SEEDS = range(1, 31)
STEP_CAP = 300


def controller(env, policy, seed):
    if policy == "random":
        rng = np.random.default_rng(1000 + seed)
        if isinstance(env.action_space, gymnasium.spaces.Discrete):
            return lambda obs: int(rng.integers(4))
        size = env.action_space.shape
        return lambda obs: rng.uniform(-1, 1, size).astype(np.float32)
    if "Walker" in env.spec.id:
        walker = BipedalWalkerHeuristics()
        walker.a = np.zeros(4)  # the class's own array is shared by its instances
        return lambda obs: walker.step_heuristic(obs).astype(np.float32)
    if isinstance(env.action_space, gymnasium.spaces.Discrete):
        return lambda obs: int(heuristic(env, obs))
    return lambda obs: heuristic(env, obs).astype(np.float32)


def play(env_id, kwargs, policy, seed, cap):
    env = gymnasium.make(env_id, disable_env_checker=True, **kwargs)
    limit = min(cap, env.spec.max_episode_steps)
    env = env.unwrapped
    act = controller(env, policy, seed)
    low, high = env.observation_space.low, env.observation_space.high
    obs, _ = env.reset(seed=seed)
    observations, actions, rewards, terminated = [obs], [], [], False
    while len(actions) < limit and not terminated:
        action = act(obs)
        obs, reward, terminated, _, _ = env.step(action)
        obs = np.where(obs < low, low, np.where(obs > high, high, obs))  # np.clip would change the sign of zeros
        observations.append(obs)
        actions.append(action)
        rewards.append(float(reward))
    return np.array(observations, np.float32), actions, rewards, bool(terminated)


def packed(values, dtype):
    data = np.ascontiguousarray(np.array(values, dtype=dtype))
    return base64.b64encode(zlib.compress(data.tobytes(), 9)).decode()


def case(env_id, kwargs, policy, seed):
    observations, actions, rewards, terminated = play(env_id, kwargs, policy, seed, STEP_CAP)
    discrete = isinstance(actions[0], int)
    return {
        "id": env_id,
        "kwargs": kwargs,
        "policy": policy,
        "seed": seed,
        "steps": len(actions),
        "terminated": terminated,
        "observations": packed(observations, "<f4"),
        "actions": packed(actions, "<u1" if discrete else "<f4"),
        "rewards": packed(rewards, "<f8"),
    }


def digest(env_id, kwargs, policy, seed):
    observations, actions, rewards, terminated = play(env_id, kwargs, policy, seed, 10**9)
    total = 0.0
    for reward in rewards:
        total += reward
    crc = zlib.crc32(observations.astype("<f4").tobytes())
    return {
        "id": env_id,
        "kwargs": kwargs,
        "policy": policy,
        "seed": seed,
        "steps": len(actions),
        "terminated": terminated,
        "return": total,
        "crc": crc,
    }


def policy_returns(path):
    """The returns that the file has come from one environment, whose world went on over its resets."""
    policy = json.loads(path.read_text())
    layers = [(np.array(layer["W"]), np.array(layer["b"])) for layer in policy["layers"]]

    def act(obs):
        x = obs
        for i, (weights, bias) in enumerate(layers):
            x = ((weights @ x.astype(np.float64)).astype(np.float32).astype(np.float64) + bias).astype(np.float32)
            if i < len(layers) - 1:
                x = np.tanh(x.astype(np.float64)).astype(np.float32)
        return np.clip(x, -1, 1)

    returns, lengths = [], []
    for seed in policy["seeds"]:
        env = gymnasium.make(policy["meta"]["env"], disable_env_checker=True)
        obs, _ = env.reset(seed=seed)
        total, steps, over = 0.0, 0, False
        while not over:
            obs, reward, terminated, truncated, _ = env.step(act(obs))
            total += float(reward)
            steps += 1
            over = terminated or truncated
        returns.append(total)
        lengths.append(steps)
    how = "scripts/transfer/golden_box2d.py: a new env for each seed; W x summed in float64"
    policy["fresh"] = {"how": how, "returns": returns, "lengths": lengths}
    path.write_text(json.dumps(policy, separators=(",", ":")) + "\n")


def write(path, cases):
    meta = {
        "versions": {"gymnasium": gymnasium.__version__, "Box2D": Box2D.__version__, "numpy": np.__version__},
        "call": "scripts/transfer/golden_box2d.py, which says what the fields are",
    }
    policies = ("random", "heuristic")
    data = {
        "meta": meta,
        "episodes": [case(i, k, p, s) for i, k, seeds in cases for p in policies for s in seeds],
        "digests": [digest(i, k, p, s) for i, k, _ in cases for p in policies for s in DIGEST_SEEDS],
    }
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder / "lunar-lander.json", LANDER)
    write(folder / "bipedal-walker.json", WALKER)
    policy_returns(folder / "bipedal-walker-policy.json")
