"""JAX: gymnax envs, and a PPO that is compiled as a whole, in PureJaxRL's manner; its rollout and its update alone."""

from protocol import Task, Window, limit_threads, newest, run, timed

limit_threads()

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import time

import flax.linen as nn
import gymnax
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.linen.initializers import constant, orthogonal


class Agent(nn.Module):
    outputs: int
    width: int

    @nn.compact
    def __call__(self, x):
        def tower(last, gain):
            h = x
            for _ in range(2):
                h = nn.tanh(nn.Dense(self.width, kernel_init=orthogonal(np.sqrt(2)), bias_init=constant(0.0))(h))
            return nn.Dense(last, kernel_init=orthogonal(gain), bias_init=constant(0.0))(h)

        return tower(self.outputs, 0.01), tower(1, 1.0)[..., 0]


def loss_of(params, apply, s, observations, actions, old_log_probs, advantages, returns, old_values):
    logits, values = apply(params, observations)
    log_probs = jax.nn.log_softmax(logits)
    entropy = -(jnp.exp(log_probs) * log_probs).sum(-1).mean()
    ratio = jnp.exp(jnp.take_along_axis(log_probs, actions[:, None], 1)[:, 0] - old_log_probs)
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    clip = s["clipCoef"]
    policy = jnp.maximum(-advantages * ratio, -advantages * jnp.clip(ratio, 1 - clip, 1 + clip)).mean()
    clipped = old_values + jnp.clip(values - old_values, -clip, clip)
    value = 0.5 * jnp.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
    return policy - s["entCoef"] * entropy + s["vfCoef"] * value


class Program:
    """Pure functions of one setting: `init(key)`, `rollout(state)`, `iterate(state)`."""

    def __init__(self, s):
        self.s = s
        self.env, self.env_params = gymnax.make(newest(s["env"], gymnax.registered_envs))
        self.N, self.T = s["numEnvs"], s["numSteps"]
        self.iterations = -(-s["totalSteps"] // (self.N * self.T))
        self.minibatches = -(-(self.N * self.T) // s["minibatchSize"])
        self.agent = Agent(self.env.num_actions, s["width"])
        steps = self.minibatches * s["updateEpochs"]
        rate = lambda count: s["learningRate"] * (1 - (count // steps) / self.iterations)
        self.optimizer = optax.chain(
            optax.clip_by_global_norm(s["maxGradNorm"]), optax.adam(rate, eps=1e-5)
        )

    def init(self, key):
        key, key_params, key_env = jax.random.split(key, 3)
        observations, states = jax.vmap(self.env.reset, (0, None))(
            jax.random.split(key_env, self.N), self.env_params
        )
        params = self.agent.init(key_params, observations[:1])
        return params, self.optimizer.init(params), states, observations, jnp.zeros(self.N), key

    def rollout(self, state):
        params, opt, states, observations, episode, key = state

        def one(carry, _):
            states, observations, episode, key = carry
            key, key_action, key_env = jax.random.split(key, 3)
            logits, values = self.agent.apply(params, observations)
            actions = jax.random.categorical(key_action, logits)
            log_probs = jnp.take_along_axis(jax.nn.log_softmax(logits), actions[:, None], 1)[:, 0]
            following, states, rewards, terminated, truncated, _ = jax.vmap(self.env.step, (0, 0, 0, None))(
                jax.random.split(key_env, self.N), states, actions, self.env_params
            )
            dones = jnp.logical_or(terminated, truncated)
            episode = episode + rewards
            # NaN where no episode ended.
            finished = jnp.where(dones, episode, jnp.nan)
            row = (observations, actions, log_probs, values, rewards, dones, finished)
            return (states, following, jnp.where(dones, 0.0, episode), key), row

        (states, observations, episode, key), rows = jax.lax.scan(
            one, (states, observations, episode, key), None, self.T
        )
        return (params, opt, states, observations, episode, key), rows

    def iterate(self, state, _=None):
        s = self.s
        (params, opt, states, last, episode, key), rows = self.rollout(state)
        observations, actions, log_probs, values, rewards, dones, finished = rows
        _, last_value = self.agent.apply(params, last)

        def back(carry, row):
            advantage, following = carry
            reward, value, done = row
            delta = reward + s["gamma"] * following * (1 - done) - value
            advantage = delta + s["gamma"] * s["gaeLambda"] * (1 - done) * advantage
            return (advantage, value), advantage

        _, advantages = jax.lax.scan(
            back, (jnp.zeros(self.N), last_value), (rewards, values, dones), reverse=True, unroll=16
        )
        columns = (observations, actions, log_probs, advantages, advantages + values, values)
        columns = jax.tree.map(lambda c: c.reshape(self.N * self.T, *c.shape[2:]), columns)

        def epoch(carry, _):
            params, opt, key = carry
            key, key_order = jax.random.split(key)
            order = jax.random.permutation(key_order, self.N * self.T)
            cut = jax.tree.map(
                lambda c: c[order].reshape(self.minibatches, -1, *c.shape[1:]), columns
            )
            (params, opt), _ = jax.lax.scan(self.step, (params, opt), cut)
            return (params, opt, key), None

        (params, opt, key), _ = jax.lax.scan(epoch, (params, opt, key), None, s["updateEpochs"])
        return (params, opt, states, last, episode, key), finished

    def step(self, carry, minibatch):
        params, opt = carry
        gradients = jax.grad(loss_of)(params, self.agent.apply, self.s, *minibatch)
        updates, opt = self.optimizer.update(gradients, opt)
        return (optax.apply_updates(params, updates), opt), None


def curve_of(finished, samples, window):
    for k, rows in enumerate(finished):
        window.add(rows[~np.isnan(rows)].tolist(), (k + 1) * samples)
    return window.curve


class Train(Task):
    """The whole run is one compiled call; compilation is `open`'s."""

    def __init__(self, settings):
        self.program = program = Program(settings)
        whole = lambda key: jax.lax.scan(program.iterate, program.init(key), None, program.iterations)
        self.whole = jax.jit(whole).lower(jax.random.key(0)).compile()

    def round(self, request):
        program = self.program
        begin = time.perf_counter()
        state, finished = jax.block_until_ready(self.whole(jax.random.key(request["seed"])))
        seconds = time.perf_counter() - begin
        samples = program.N * program.T
        return {
            "units": program.iterations * samples,
            "seconds": seconds,
            "curve": curve_of(np.asarray(finished), samples, Window()),
            "sink": float(sum(p.sum() for p in jax.tree.leaves(state[0]))),
        }


class Inference(Task):
    def __init__(self, settings):
        self.program = program = Program(settings)
        self.state = jax.jit(program.init)(jax.random.key(1))

        def collect(state):
            state, rows = program.rollout(state)
            # Everything a learner would read, so that nothing is left out.
            return state, sum(jnp.nansum(column) for column in rows)

        self.collect = jax.jit(collect, donate_argnums=0).lower(self.state).compile()
        timed(0.05, self.chunk)

    def chunk(self):
        self.state, value = self.collect(self.state)
        return self.program.N * self.program.T, float(value)

    def round(self, request):
        return timed(request["seconds"], self.chunk)


class Step(Task):
    """Envs alone, with actions drawn beforehand, 64 steps a call."""

    def __init__(self, env, numEnvs):
        env, params = gymnax.make(newest(env, gymnax.registered_envs))
        space = env.action_space(params)
        actions = jax.vmap(lambda k: jax.vmap(space.sample)(jax.random.split(k, numEnvs)))(
            jax.random.split(jax.random.key(1), 16)
        )
        reset = jax.vmap(env.reset, (0, None))
        self.key = jax.random.key(2)
        _, self.state = jax.jit(reset)(jax.random.split(self.key, numEnvs), params)
        self.num_envs = numEnvs

        def many(state, key, actions):
            def one(carry, t):
                state, key, sink = carry
                key, key_env = jax.random.split(key)
                obs, state, rewards, terminated, _, _ = jax.vmap(env.step, (0, 0, 0, None))(
                    jax.random.split(key_env, numEnvs), state, actions[t % 16], params
                )
                return (state, key, sink + rewards.sum() + obs.sum() + terminated.sum()), None

            (state, key, sink), _ = jax.lax.scan(one, (state, key, 0.0), jnp.arange(64))
            return state, key, sink

        self.actions = actions
        self.many = jax.jit(many, donate_argnums=0).lower(self.state, self.key, actions).compile()
        timed(0.05, self.chunk)

    def chunk(self):
        self.state, self.key, sink = self.many(self.state, self.key, self.actions)
        return 64 * self.num_envs, float(sink)

    def round(self, request):
        return timed(request["seconds"], self.chunk)


class Update(Task):
    """Optimiser steps on the same synthetic minibatch, permuted anew each time, 16 steps a call."""

    def __init__(self, inputs, outputs, width, batch):
        s = {"clipCoef": 0.2, "entCoef": 0.0, "vfCoef": 0.5, "maxGradNorm": 0.5}
        agent = Agent(outputs, width)
        optimizer = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(1e-6, eps=1e-5))
        rng = np.random.default_rng(1)
        normal = lambda *shape: jnp.asarray(rng.standard_normal(shape, dtype=np.float32))
        columns = (
            normal(batch, inputs),
            jnp.asarray(rng.integers(outputs, size=batch)),
            jnp.full(batch, -float(np.log(outputs)), jnp.float32),
            normal(batch),
            normal(batch),
            jnp.zeros(batch),
        )
        params = agent.init(jax.random.key(1), columns[0][:1])
        self.state = (params, optimizer.init(params), jax.random.key(2))

        def many(state, columns):
            def one(state, _):
                params, opt, key = state
                key, key_order = jax.random.split(key)
                order = jax.random.permutation(key_order, batch)
                gradients = jax.grad(loss_of)(params, agent.apply, s, *[c[order] for c in columns])
                updates, opt = optimizer.update(gradients, opt)
                return (optax.apply_updates(params, updates), opt, key), None

            return jax.lax.scan(one, state, None, 16)[0]

        self.columns = columns
        self.many = jax.jit(many, donate_argnums=0).lower(self.state, columns).compile()
        timed(0.1, self.chunk)

    def chunk(self):
        self.state = jax.block_until_ready(self.many(self.state, self.columns))
        return 16, float(jax.tree.leaves(self.state[0])[0].sum())

    def round(self, request):
        return timed(request["seconds"], self.chunk)


def solve(request):
    begin = time.perf_counter()
    program = Program(request["settings"])
    key = jax.random.key(request["seed"])
    state = jax.jit(program.init)(key)
    iterate = jax.jit(program.iterate, donate_argnums=0).lower(state).compile()
    compiled = time.perf_counter()
    window = Window()
    samples = program.N * program.T
    for k in range(program.iterations):
        state, finished = iterate(state)
        finished = np.asarray(finished)
        window.add(finished[~np.isnan(finished)].tolist(), (k + 1) * samples)
        if window.reached(request["target"]):
            break
    return {
        "units": (k + 1) * samples,
        "seconds": time.perf_counter() - compiled,
        "compileSeconds": compiled - begin,
        "solved": window.reached(request["target"]),
        "curve": window.curve,
        "sink": float(jax.tree.leaves(state[0])[0].sum()),
    }


if __name__ == "__main__":
    run({"train": Train, "inference": Inference, "step": Step, "update": Update}, jax.__version__, solve)
