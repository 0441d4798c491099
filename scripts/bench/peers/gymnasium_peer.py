"""Gymnasium: one env through `gymnasium.make`, wrappers and checker as a user gets them."""

from protocol import Task, newest, run, timed

import gymnasium


class Single(Task):
    def __init__(self, env):
        self.env = gymnasium.make(newest(env, list(gymnasium.registry)))
        self.env.action_space.seed(1)
        self.env.reset(seed=1)
        self.actions = [self.env.action_space.sample() for _ in range(1024)]
        self.at = 0
        timed(0.05, self.chunk)

    def chunk(self):
        sink = 0.0
        step, reset, actions = self.env.step, self.env.reset, self.actions
        for _ in range(200):
            _, reward, terminated, truncated, _ = step(actions[self.at & 1023])
            self.at += 1
            sink += float(reward)
            if terminated or truncated:
                reset()
        return 200, sink

    def round(self, request):
        return timed(request["seconds"], self.chunk)

    def close(self):
        self.env.close()


if __name__ == "__main__":
    run({"single": Single}, gymnasium.__version__)
