"""Stable-Baselines3: PPO on Catch in pixels, the env of scripts/bench/catch.ts, with a network of the same layers. One line of JSON a round:
steps per second of a whole training.

    python sb3_pixels.py '{"network": "small-cnn", "cells": 7, "stack": 1, "numEnvs": 16, ...}'
"""

import json
import sys
import time

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor, NatureCNN
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack, VecTransposeImage
from torch import nn

CELL = 6
torch.set_num_threads(2)


class Catch(gym.Env):
    def __init__(self, cells):
        self.cells = cells
        side = cells * CELL
        self.observation_space = gym.spaces.Box(0, 255, (side, side, 1), np.uint8)
        self.action_space = gym.spaces.Discrete(3)

    def draw(self):
        pixels = np.zeros(self.observation_space.shape, np.uint8)
        for row, column, shade in ((self.cells - 1, self.paddle, 120), (*self.dot, 255)):
            pixels[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = shade
        return pixels

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.dot = [0, int(self.np_random.integers(self.cells))]
        self.paddle = int(self.np_random.integers(self.cells))
        return self.draw(), {}

    def step(self, action):
        self.paddle = min(self.cells - 1, max(0, self.paddle + int(action) - 1))
        self.dot[0] += 1
        ended = self.dot[0] == self.cells - 1
        reward = (1.0 if self.dot[1] == self.paddle else -1.0) if ended else 0.0
        return self.draw(), reward, ended, False, {}


class SmallCnn(BaseFeaturesExtractor):
    """Mnih et al. 2013, as `small-cnn` here."""

    def __init__(self, space, features_dim=256):
        super().__init__(space, features_dim)
        self.cnn = nn.Sequential(
            nn.Conv2d(space.shape[0], 16, 8, 4), nn.ReLU(), nn.Conv2d(16, 32, 4, 2), nn.ReLU(), nn.Flatten()
        )
        with torch.no_grad():
            size = self.cnn(torch.zeros(1, *space.shape)).shape[1]
        self.linear = nn.Sequential(nn.Linear(size, features_dim), nn.ReLU())

    def forward(self, x):
        return self.linear(self.cnn(x))


s = json.loads(sys.argv[1])
envs = DummyVecEnv([lambda: Catch(s["cells"])] * s["numEnvs"])
if s["stack"] > 1:
    envs = VecFrameStack(envs, s["stack"])
extractor = SmallCnn if s["network"] == "small-cnn" else NatureCNN
model = PPO(
    "CnnPolicy",
    VecTransposeImage(envs),
    n_steps=s["numSteps"],
    batch_size=s["minibatchSize"],
    n_epochs=s["updateEpochs"],
    learning_rate=s["learningRate"],
    clip_range_vf=0.2,
    policy_kwargs={"features_extractor_class": extractor, "optimizer_kwargs": {"eps": 1e-5}},
    device="cpu",
    seed=1,
)
# Once uncounted, as the other side.
model.learn(s["numEnvs"] * s["numSteps"], reset_num_timesteps=False)
for _ in range(s["rounds"]):
    begin = time.perf_counter()
    model.learn(s["totalSteps"], reset_num_timesteps=False)
    print(json.dumps(s["totalSteps"] / (time.perf_counter() - begin)), flush=True)
