"""Stable-Baselines3: PPO with given settings on its own vector env of Gymnasium envs."""

from protocol import THREADS, Task, Window, limit_threads, run

limit_threads()

import time

import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

torch.set_num_threads(THREADS)


class Curve(BaseCallback):
    def __init__(self, target):
        super().__init__()
        self.window = Window()
        self.target = target

    def _on_step(self):
        ended = [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
        if ended:
            self.window.add(ended, self.num_timesteps)
            if self.target is not None and self.window.reached(self.target):
                return False
        return True


def train(s, seed, target=None):
    begin = time.perf_counter()
    linear = lambda value: (lambda left: value * left)
    env = make_vec_env(s["env"], s["numEnvs"], seed=seed)
    model = PPO(
        "MlpPolicy",
        env,
        learning_rate=linear(s["learningRate"]),
        n_steps=s["numSteps"],
        batch_size=s["minibatchSize"],
        n_epochs=s["updateEpochs"],
        gamma=s["gamma"],
        gae_lambda=s["gaeLambda"],
        clip_range=linear(s["clipCoef"]),
        ent_coef=s["entCoef"],
        vf_coef=s["vfCoef"],
        max_grad_norm=s["maxGradNorm"],
        seed=seed,
        device="cpu",
    )
    curve = Curve(target)
    model.learn(s["totalSteps"], callback=curve)
    env.close()
    return {
        "units": model.num_timesteps,
        "seconds": time.perf_counter() - begin,
        "solved": target is not None and curve.window.reached(target),
        "curve": curve.window.curve,
        "sink": float(next(model.policy.parameters()).detach().sum()),
    }


class Train(Task):
    def __init__(self, settings):
        self.settings = settings

    def round(self, request):
        return train(self.settings, request["seed"])


if __name__ == "__main__":
    run(
        {"train": Train},
        stable_baselines3.__version__,
        lambda s: train(s["settings"], s["seed"], s["target"]),
    )
