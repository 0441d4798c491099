"""PyTorch: PPO on EnvPool in CleanRL's manner, its rollout alone, and its minibatch update alone."""

from protocol import THREADS, Task, Unsupported, Window, limit_threads, run, timed

limit_threads()

import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(THREADS)


def mlp(sizes, last_gain):
    layers = []
    for k, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        last = k == len(sizes) - 2
        layer = nn.Linear(inputs, outputs)
        nn.init.orthogonal_(layer.weight, last_gain if last else 2**0.5)
        nn.init.zeros_(layer.bias)
        layers += [layer] if last else [layer, nn.Tanh()]
    return nn.Sequential(*layers)


class Agent(nn.Module):
    def __init__(self, inputs, outputs, width):
        super().__init__()
        self.actor = mlp([inputs, width, width, outputs], 0.01)
        self.critic = mlp([inputs, width, width, 1], 1.0)

    def act(self, observations):
        """Actions, their log-probabilities, values; the Gumbel trick samples faster than torch.multinomial."""
        log_probs = torch.log_softmax(self.actor(observations), -1)
        noise = torch.empty_like(log_probs).exponential_().log_()
        actions = (log_probs - noise).argmax(-1)
        return actions, log_probs.gather(1, actions[:, None])[:, 0], self.critic(observations)[:, 0]


def loss_of(agent, s, observations, actions, old_log_probs, advantages, returns, old_values):
    log_probs = torch.log_softmax(agent.actor(observations), -1)
    entropy = -(log_probs.exp() * log_probs).sum(-1).mean()
    ratio = (log_probs.gather(1, actions[:, None])[:, 0] - old_log_probs).exp()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    clip = s["clipCoef"]
    policy = torch.max(-advantages * ratio, -advantages * ratio.clamp(1 - clip, 1 + clip)).mean()
    values = agent.critic(observations)[:, 0]
    clipped = old_values + (values - old_values).clamp(-clip, clip)
    value = 0.5 * torch.max((values - returns) ** 2, (clipped - returns) ** 2).mean()
    return policy - s["entCoef"] * entropy + s["vfCoef"] * value


class Trainer:
    """One run: envs, agent, optimiser and the rollout's arrays."""

    def __init__(self, s, seed):
        from envpool_peer import build

        torch.manual_seed(seed)
        self.s = s
        self.rng = np.random.default_rng(seed)
        self.N, self.T = s["numEnvs"], s["numSteps"]
        self.env = build(s["env"], self.N, s["envThreads"], seed=seed)
        self.inputs = self.env.observation_space.shape[0]
        self.agent = Agent(self.inputs, self.env.action_space.n, s["width"])
        self.optimizer = torch.optim.Adam(self.agent.parameters(), lr=s["learningRate"], eps=1e-5, fused=True)
        T, N = self.T, self.N
        self.observations = torch.zeros(T, N, self.inputs)
        self.actions = torch.zeros(T, N, dtype=torch.int64)
        self.log_probs, self.rewards, self.values = (torch.zeros(T, N) for _ in range(3))
        self.dones = torch.zeros(T + 1, N)
        self.next = torch.from_numpy(self.env.reset()[0])
        self.episode = np.zeros(N)

    def rollout(self):
        finished = []
        self.dones[0] = self.dones[self.T]
        with torch.inference_mode():
            for t in range(self.T):
                self.observations[t] = self.next
                actions, self.log_probs[t], self.values[t] = self.agent.act(self.next)
                self.actions[t] = actions
                observations, rewards, terminations, truncations, _ = self.env.step(actions.numpy().astype(np.int32))
                done = np.logical_or(terminations, truncations)
                self.rewards[t] = torch.from_numpy(rewards)
                self.dones[t + 1] = torch.from_numpy(done)
                self.next = torch.from_numpy(observations)
                self.episode += rewards
                if done.any():
                    # An episode starts anew at the step after its end, which EnvPool spends on the reset.
                    finished += self.episode[done].tolist()
                    self.episode[done] = 0
        return finished

    def learn(self, fraction):
        s, T, N = self.s, self.T, self.N
        with torch.inference_mode():
            advantages = torch.zeros(T, N)
            following = self.agent.critic(self.next)[:, 0]
            last = torch.zeros(N)
            for t in reversed(range(T)):
                alive = 1 - self.dones[t + 1]
                delta = self.rewards[t] + s["gamma"] * following * alive - self.values[t]
                last = delta + s["gamma"] * s["gaeLambda"] * alive * last
                advantages[t] = last
                following = self.values[t]
            returns = advantages + self.values
        columns = [
            c.reshape(T * N, *c.shape[2:]).clone()
            for c in (self.observations, self.actions, self.log_probs, advantages, returns, self.values)
        ]
        for group in self.optimizer.param_groups:
            group["lr"] = s["learningRate"] * fraction
        size = s["minibatchSize"]
        for _ in range(s["updateEpochs"]):
            order = torch.from_numpy(self.rng.permutation(T * N))
            for start in range(0, T * N, size):
                rows = order[start : start + size]
                step(self.agent, self.optimizer, s, [c[rows] for c in columns])


def step(agent, optimizer, s, columns):
    loss = loss_of(agent, s, *columns)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(agent.parameters(), s["maxGradNorm"])
    optimizer.step()
    return loss


def train(s, seed, target=None):
    begin = time.perf_counter()
    trainer = Trainer(s, seed)
    iterations = -(-s["totalSteps"] // (trainer.N * trainer.T))
    window = Window()
    for k in range(iterations):
        finished = trainer.rollout()
        window.add(finished, (k + 1) * trainer.N * trainer.T)
        if target is not None and window.reached(target):
            break
        trainer.learn(1 - k / iterations)
    trainer.env.close()
    return {
        "units": (k + 1) * trainer.N * trainer.T,
        "seconds": time.perf_counter() - begin,
        "solved": target is not None and window.reached(target),
        "curve": window.curve,
        "sink": float(next(trainer.agent.parameters()).detach().sum()),
    }


class Train(Task):
    def __init__(self, settings):
        self.settings = settings

    def round(self, request):
        return train(self.settings, request["seed"])


class Inference(Task):
    def __init__(self, settings):
        self.trainer = Trainer(settings, 1)
        timed(0.05, self.chunk)

    def chunk(self):
        self.trainer.rollout()
        return self.trainer.N * self.trainer.T, float(self.trainer.values[0, 0])

    def round(self, request):
        return timed(request["seconds"], self.chunk)

    def close(self):
        self.trainer.env.close()


class Update(Task):
    """Optimiser steps on the same synthetic minibatch, gathered through a permutation as in training."""

    def __init__(self, inputs, outputs, width, batch, compiled=False):
        torch.manual_seed(1)
        self.s = {"clipCoef": 0.2, "entCoef": 0.0, "vfCoef": 0.5, "maxGradNorm": 0.5}
        self.agent = Agent(inputs, outputs, width)
        self.optimizer = torch.optim.Adam(self.agent.parameters(), lr=1e-6, eps=1e-5, fused=True)
        self.columns = [
            torch.randn(batch, inputs),
            torch.randint(outputs, (batch,)),
            torch.full((batch,), -float(np.log(outputs))),
            torch.randn(batch),
            torch.randn(batch),
            torch.zeros(batch),
        ]
        self.batch = batch
        self.rng = np.random.default_rng(1)
        self.loss = loss_of
        if compiled:
            try:
                self.loss = torch.compile(loss_of, dynamic=False)
                self.chunk()
            except Exception as error:
                raise Unsupported(f"torch.compile failed: {str(error).splitlines()[0][:120]}") from None
        timed(0.1, self.chunk)

    def chunk(self):
        for _ in range(4):
            rows = torch.from_numpy(self.rng.permutation(self.batch))
            loss = self.loss(self.agent, self.s, *[c[rows] for c in self.columns])
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.agent.parameters(), 0.5)
            self.optimizer.step()
        return 4, float(loss.detach())

    def round(self, request):
        return timed(request["seconds"], self.chunk)


if __name__ == "__main__":
    run(
        {"train": Train, "inference": Inference, "update": Update},
        torch.__version__,
        lambda s: train(s["settings"], s["seed"], s["target"]),
    )
