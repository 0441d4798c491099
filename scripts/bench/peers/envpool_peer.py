"""EnvPool, stepped with actions drawn beforehand: `sync`, or `async` with half the envs in flight."""

import time

from protocol import Task, Unsupported, newest, run, timed

import envpool
import numpy as np


def build(env_id, num_envs, threads, batch_size=None, seed=1):
    options = {"num_envs": num_envs, "num_threads": threads, "seed": seed}
    if batch_size is not None:
        options["batch_size"] = batch_size
    return envpool.make(newest(env_id, envpool.list_all_envs()), env_type="gymnasium", **options)


class Step(Task):
    def __init__(self, env, numEnvs, threads, mode):
        self.mode = mode
        self.batch = numEnvs if mode == "sync" else numEnvs // 2
        if self.batch == 0:
            raise Unsupported("async needs two envs")
        self.env = build(env, numEnvs, threads, None if mode == "sync" else self.batch)
        space = self.env.action_space
        rng = np.random.default_rng(1)
        if hasattr(space, "n"):
            draw = lambda: rng.integers(space.n, size=self.batch, dtype=np.int32)
        else:
            shape = (self.batch, *space.shape)
            draw = lambda: rng.uniform(space.low, space.high, shape).astype(space.dtype)
        self.actions = [draw() for _ in range(16)]
        self.at = 0
        if mode == "sync":
            self.env.reset()
        else:
            self.env.async_reset()
        timed(0.05, self.chunk)

    def chunk(self):
        sink = 0.0
        env = self.env
        begin = time.perf_counter()
        steps = 0
        while time.perf_counter() - begin < 0.01:
            action = self.actions[self.at & 15]
            self.at += 1
            if self.mode == "sync":
                sink += float(env.step(action)[1][0])
            else:
                _, reward, _, _, info = env.recv()
                sink += float(reward[0])
                env.send(action, info["env_id"])
            steps += self.batch
        return steps, sink

    def round(self, request):
        return timed(request["seconds"], self.chunk)

    def close(self):
        self.env.close()


if __name__ == "__main__":
    run({"step": Step}, envpool.__version__)
