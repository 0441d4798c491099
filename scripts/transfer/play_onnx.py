"""Plays a policy that `gymkhana export --format onnx` wrote, in the real Gymnasium with Python's ONNX Runtime.

    pip install "gymnasium[box2d]==1.4.0" onnxruntime onnx numpy
    python scripts/transfer/play_onnx.py policy.onnx [--episodes 200] [--first-seed 50000] [--json]

The env and its keyword arguments come from the file. Prints the mean return, or with --json all returns.
"""

import argparse
import json
import warnings

import gymnasium
import numpy as np
import onnxruntime
from play_policy import snake

warnings.filterwarnings("ignore")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=50000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    session = onnxruntime.InferenceSession(args.file, providers=["CPUExecutionProvider"])
    spec = json.loads(session.get_modelmeta().custom_metadata_map["env"])
    kwargs = {snake(key): value for key, value in spec.get("kwargs", {}).items() if key != "exact"}
    returns = []
    for seed in range(args.first_seed, args.first_seed + args.episodes):
        # Gymnasium's walker keeps its Box2D world over resets: a new env for each seed.
        env = gymnasium.make(spec["id"], **kwargs)
        observation, _ = env.reset(seed=seed)
        space = env.observation_space
        total, over = 0.0, False
        while not over:
            if isinstance(space, gymnasium.spaces.Box):
                # Gymnasium's observations may leave their space, those that the policy was trained on do not.
                flat = np.clip(observation, space.low, space.high)
            else:
                flat = gymnasium.spaces.flatten(space, observation)
            (action,) = session.run(["action"], {"observation": np.asarray(flat, np.float32).reshape(1, -1)})
            action = action[0]
            if isinstance(env.action_space, gymnasium.spaces.Box):
                action = action.reshape(env.action_space.shape).astype(env.action_space.dtype)
            elif isinstance(env.action_space, gymnasium.spaces.Discrete):
                action = int(action)
            observation, reward, terminated, truncated, _ = env.step(action)
            total += float(reward)
            over = terminated or truncated
        env.close()
        returns.append(total)
    if args.json:
        print(json.dumps({"env": spec["id"], "returns": returns, "runtime": onnxruntime.__version__}))
    else:
        print(f"{spec['id']}: mean return {np.mean(returns):.2f} over {len(returns)} seeds")


if __name__ == "__main__":
    main()
