"""rlox (Rust): its own batched envs."""

from protocol import Task, Unsupported, run, timed

from importlib.metadata import version

import numpy as np
import rlox


class Step(Task):
    def __init__(self, env, numEnvs):
        try:
            self.env = rlox.VecEnv(numEnvs, seed=1, env_id=env)
        except (ValueError, RuntimeError):
            raise Unsupported(f"has no {env}") from None
        space = self.env.action_space
        rng = np.random.default_rng(1)
        if space["type"] == "discrete":
            self.actions = [rng.integers(space["n"], size=numEnvs).astype(np.uint32) for _ in range(16)]
        else:
            shape = (numEnvs, *space["shape"])
            self.actions = [rng.uniform(space["low"], space["high"], shape).astype(np.float32) for _ in range(16)]
        self.num_envs = numEnvs
        self.at = 0
        self.env.reset_all(seed=1)
        timed(0.05, self.chunk)

    def chunk(self):
        sink = 0.0
        for _ in range(8):
            sink += float(self.env.step_all(self.actions[self.at & 15])["rewards"][0])
            self.at += 1
        return 8 * self.num_envs, sink

    def round(self, request):
        return timed(request["seconds"], self.chunk)


if __name__ == "__main__":
    run({"step": Step}, version("rlox"))
