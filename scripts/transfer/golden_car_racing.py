"""Writes test/golden/box2d/car-racing-{tracks,episodes,frames,probes}.json: Gymnasium's CarRacing-v3, to compare ours with.

    pip install "gymnasium[box2d]==1.4.0" Box2D==2.3.10 numpy
    python scripts/transfer/golden_car_racing.py test/golden/box2d shared/oracles/box2d/stats.json

Every case has an environment of its own: the world is kept over resets, and one that was used before can give other bits.
Packed numbers are base64 of zlib-compressed little-endian arrays, whose type is the key's ending.

- tracks: per seed and keyword arguments the `points` (beta, x, y) of the track, which tiles have kerbs, and the colours.
- episodes: `states_f4` has a row (x, y, angle, vx, vy, omega) of the hull after the reset and after each step, `wheels_f8` the
  four wheels' speeds, `rewards_f8` and `actions_f4` (Discrete: `actions_u1`) a row a step. `digests` are whole episodes by their
  actions, length, return and the CRC-32 of all rows of `states_f4`.
- frames: some episodes again, with the picture (96 x 96 x 3, `pixels_u1`) after so many steps.
- probes: the car alone on endless tarmac or grass, row by row, and the statistics of the oracle that need whole episodes.
"""

import base64
import json
import math
import sys
import warnings
import zlib
from pathlib import Path

import Box2D
import gymnasium
import numpy as np
from gymnasium.envs.box2d.car_dynamics import Car

warnings.filterwarnings("ignore")

STEPS = 250
SEEDS = range(1, 7)
RANDOMISED = {"domain_randomize": True}
DISCRETE = {"continuous": False}


def make(kwargs):
    return gymnasium.make("CarRacing-v3", disable_env_checker=True, **kwargs).unwrapped


def packed(values, dtype):
    data = np.ascontiguousarray(np.array(values, dtype=dtype))
    return base64.b64encode(zlib.compress(data.tobytes(), 9)).decode()


def quantised(value):
    """Few digits, so that actions are short when compressed; exact in float32."""
    return round(float(value) * 64) / 64


def pursuit(env, grip):
    """Steers to a point of the centre line ahead, at the speed that the bends allow with a lateral acceleration `grip`."""
    at = [0]

    def act():
        car, track = env.car, env.track
        count = len(track)
        x, y = car.hull.position
        near = min(range(-3, 8), key=lambda k: math.dist(track[(at[0] + k) % count][2:4], (x, y)))
        at[0] = (at[0] + near) % count
        angle = car.hull.angle
        _, _, tx, ty = track[(at[0] + 3 + int(math.hypot(*car.hull.linearVelocity) / 20)) % count]
        side = math.cos(angle) * (tx - x) + math.sin(angle) * (ty - y)
        ahead = -math.sin(angle) * (tx - x) + math.cos(angle) * (ty - y)
        steer = 2.0 * math.atan2(side, max(ahead, 1e-3))
        speed, wanted = math.hypot(*car.hull.linearVelocity), 80.0
        for k in range(1, 20):
            turn = math.remainder(track[(at[0] + k + 1) % count][1] - track[(at[0] + k - 2) % count][1], 2 * math.pi)
            wanted = min(wanted, math.sqrt(grip * 10.5 / max(abs(turn), 1e-3) + 2 * 60 * 3.5 * max(k - 3, 0)))
        gas, brake = (min(0.5, 0.05 * (wanted - speed)), 0) if speed < wanted else (0, min(0.8, 0.02 * (speed - wanted)))
        return [quantised(min(1, max(-1, steer))), quantised(gas), quantised(brake)]

    return act


def controller(env, policy, seed):
    rng = np.random.default_rng(1000 + seed)
    if policy == "random":
        if not env.continuous:
            return lambda: int(rng.integers(5))
        return lambda: [quantised(rng.uniform(-1, 1)), quantised(rng.uniform(0, 1)), quantised(rng.uniform(0, 1) * (rng.uniform() < 0.3))]
    if policy == "straight":
        return lambda: [0.0, 0.3, 0.0]
    if policy == "wild":
        return lambda: [quantised(rng.uniform(-1.5, 1.5)), 1.0, quantised(rng.uniform(-0.2, 1.2) * (rng.uniform() < 0.1))]
    drive = pursuit(env, 140 if policy == "fast" else 80)
    if env.continuous:
        return drive

    def discrete():
        steer, gas, brake = drive()
        return 4 if brake > 0.1 else 1 if steer > 0.2 else 2 if steer < -0.2 else 3 if gas > 0.1 else 0

    return discrete


def state(env):
    hull = env.car.hull
    return [*hull.position, hull.angle, *hull.linearVelocity, hull.angularVelocity]


def play(kwargs, policy, seed, cap, pictures=None, options=None):
    """An episode of at most `cap` steps; pictures are only made where they are asked for, which no number depends on."""
    env = make(kwargs)
    if pictures is None:
        env._render = lambda mode: None
    act = controller(env, policy, seed)
    obs, _ = env.reset(seed=seed, options=options)
    out = {"states": [state(env)], "wheels": [[w.omega for w in env.car.wheels]], "actions": [], "rewards": [], "frames": []}
    terminated = False
    while True:
        step = len(out["actions"])
        if pictures is not None and step in pictures:
            out["frames"].append({"step": step, "pixels_u1": packed(obs, "<u1")})
        if step == cap or terminated:
            break
        action = act()
        obs, reward, terminated, _, info = env.step(np.array(action, np.float32) if env.continuous else action)
        out["actions"].append(action)
        out["rewards"].append(float(reward))
        out["states"].append(state(env))
        out["wheels"].append([w.omega for w in env.car.wheels])
    out["terminated"] = bool(terminated)
    out["lap_finished"] = bool(terminated and info["lap_finished"])
    return env, out


def actions(kwargs, out):
    if kwargs.get("continuous", True):
        return {"actions_f4": packed(out["actions"], "<f4")}
    return {"actions_u1": packed(out["actions"], "<u1")}


def track(kwargs, seed, options=None):
    env = make(kwargs)
    env._render = lambda mode: None
    env.reset(seed=seed, options=options)
    kerbs = [0] * len(env.track)
    tile = -1
    for poly, color in env.road_poly:
        if isinstance(color, tuple):
            kerbs[tile] = 1 if color[1] == 255 else 2
        else:
            tile += 1
    return {
        "seed": seed,
        "kwargs": kwargs,
        "options": options,
        "tiles": len(env.track),
        "points_f8": packed([row[1:4] for row in env.track], "<f8"),
        "kerbs": "".join(map(str, kerbs)),
        "road_color": [float(c) for c in env.road_color],
        "bg_color": [float(c) for c in env.bg_color],
        "grass_color": [float(c) for c in env.grass_color],
        "generator": str(env.np_random.bit_generator.state["state"]["state"]),
    }


def episode(kwargs, policy, seed):
    _, out = play(kwargs, policy, seed, STEPS)
    return {
        "seed": seed,
        "kwargs": kwargs,
        "policy": policy,
        "steps": len(out["actions"]),
        "terminated": out["terminated"],
        **actions(kwargs, out),
        "states_f4": packed(out["states"], "<f4"),
        "wheels_f8": packed(out["wheels"], "<f8"),
        "rewards_f8": packed(out["rewards"], "<f8"),
    }


def digest(kwargs, policy, seed):
    env, out = play(kwargs, policy, seed, 1000)
    total = 0.0
    for reward in out["rewards"]:
        total += reward
    return {
        "seed": seed,
        "kwargs": kwargs,
        "policy": policy,
        "steps": len(out["actions"]),
        "terminated": out["terminated"],
        "lap_finished": out["lap_finished"],
        "visited": env.tile_visited_count,
        "return": total,
        "crc": zlib.crc32(np.array(out["states"], "<f4").tobytes()),
        **actions(kwargs, out),
    }


def film(kwargs, policy, seed, pictures, options=None):
    _, out = play(kwargs, policy, seed, max(pictures), pictures, options)
    return {"seed": seed, "kwargs": kwargs, "options": options, "policy": policy, **actions(kwargs, out), "frames": out["frames"]}


class Tarmac:
    road_friction = 1.0


def probe(tarmac, angle, phases):
    """The car alone: `phases` are (steps, steering, gas, brake); rows are the columns of the oracle."""
    world = Box2D.b2World((0, 0))
    car = Car(world, angle, 0, 0)
    for wheel in car.wheels if tarmac else []:
        wheel.tiles.add(Tarmac())
    rows = []
    for steps, steer, gas, brake in phases:
        for _ in range(steps):
            car.steer(-steer)
            car.gas(gas)
            car.brake(brake)
            car.step(1.0 / 50)
            world.Step(1.0 / 50, 180, 60)
            forward = car.hull.GetWorldVector((0, 1))
            velocity = car.hull.linearVelocity
            omegas = [wheel.omega for wheel in car.wheels]
            rows.append([
                math.hypot(*velocity),
                forward[0] * velocity[0] + forward[1] * velocity[1],
                car.hull.angularVelocity,
                omegas[0],
                omegas[2],
            ])
    return {"tarmac": tarmac, "angle": angle, "phases": phases, "rows_f8": packed(rows, "<f8")}


def write(folder, name, data):
    meta = {
        "versions": {"gymnasium": gymnasium.__version__, "Box2D": Box2D.__version__, "numpy": np.__version__},
        "call": "scripts/transfer/golden_car_racing.py, which says what the fields are",
    }
    path = folder / f"car-racing-{name}.json"
    path.write_text(json.dumps({"meta": meta, **data}, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    folder, oracle = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())["CarRacing-v3"]
    tracks = [track({}, seed) for seed in SEEDS]
    tracks += [track(RANDOMISED, seed) for seed in SEEDS]
    tracks += [track(RANDOMISED, 1, {"randomize": False})]
    # The colours of a first reset without new ones are the constructor's, from the operating system's entropy.
    for key in ("road_color", "bg_color", "grass_color"):
        del tracks[-1][key]
    write(folder, "tracks", {"tracks": tracks})
    cases = [({}, "pursuit", s) for s in SEEDS] + [({}, "random", s) for s in SEEDS]
    cases += [(DISCRETE, "pursuit", 1), (DISCRETE, "random", 2), ({}, "wild", 7)]
    long = [({}, "pursuit", s) for s in range(1, 7)] + [({}, "fast", s) for s in range(1, 7)]
    long += [({}, "random", s) for s in range(1, 5)] + [({}, "straight", s) for s in range(10000, 10003)]
    long += [({"lap_complete_percent": 0.5}, "pursuit", s) for s in range(1, 4)] + [({}, "wild", s) for s in range(1, 5)]
    write(folder, "episodes", {"episodes": [episode(*case) for case in cases], "digests": [digest(*case) for case in long]})
    some = [0, 5, 12, 30, 49, 52, 80, 120, 160, 200, 240, 280, 330, 400]
    films = [film({}, "pursuit", s, some) for s in (1, 2, 3)]
    films += [film({}, "wild", 4, [60, 90, 130]), film(RANDOMISED, "pursuit", 5, [0, 20, 70, 150]), film(DISCRETE, "pursuit", 6, [100])]
    write(folder, "frames", {"films": films})
    turned = math.pi / 2
    probes = [probe(t, a, [(250, 0, 1, 0), (60, 0, 0, b)]) for t, a in ((True, 0), (True, turned), (False, 0)) for b in (0.5, 1.0)]
    probes += [probe(True, 0, [(88, 0, 0.3, 0), (240, s, g, 0)]) for s in (0.1, 0.3, 1.0) for g in (0.05, 0.2)]
    stats = {key: oracle[key] for key in ("random", "gas_0.3_straight", "track_tiles", "track_tiles_list", "bodies")}
    wanted = {key: value for key, value in oracle["probes"].items()}
    wanted["full_gas_grass"] = wanted["full_gas_grass"][:15]
    write(folder, "probes", {"probes": probes, "oracle": {**stats, "probe_columns": oracle["probe_columns"], "probes": wanted}})
