"""A peer's side of the benchmark: tasks over JSON lines on standard input and output.

The driver sends {"call": "open", "task": {"kind": ..., ...}}, then {"call": "round", ...} as often as it likes, then the
next open. Starting up and compiling belong to `open`; a round holds steady work only.
"""

import json
import os
import sys
import time
import traceback

STARTED = time.perf_counter()
THREADS = int(os.environ.get("BENCH_THREADS", os.cpu_count() or 1))


class Unsupported(Exception):
    """The peer has nothing to compare with, and why."""


def limit_threads():
    """Before a library starts its pools: they size themselves by the processors that this process may use."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(allowed[:THREADS]))
    os.environ["OMP_NUM_THREADS"] = str(THREADS)


def serve(kinds, version):
    # Libraries print where they like: standard output is kept for the protocol.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message):
        out.write(json.dumps(message) + "\n")
        out.flush()

    say({"ready": True, "version": version, "importSeconds": time.perf_counter() - STARTED})
    task = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["call"] == "open":
                if task is not None:
                    task.close()
                    task = None
                settings = dict(request["task"])
                kind = settings.pop("kind")
                begin = time.perf_counter()
                task = kinds[kind](**settings)
                say({"opened": True, "setupSeconds": time.perf_counter() - begin, **task.note()})
            else:
                say(task.round(request))
        except Unsupported as reason:
            task = None
            say({"unsupported": str(reason)})
        except Exception:
            task = None
            say({"error": traceback.format_exc(limit=4)[-1500:]})


class Task:
    """What the kinds extend."""

    def note(self):
        """More fields of the answer to `open`."""
        return {}

    def round(self, request):
        raise NotImplementedError

    def close(self):
        pass


def timed(seconds, chunk):
    """Calls `chunk() -> units, sink` for about `seconds`."""
    units = 0
    sink = 0.0
    begin = time.perf_counter()
    while True:
        done, value = chunk()
        units += done
        sink += value
        elapsed = time.perf_counter() - begin
        if elapsed >= seconds:
            return {"units": units, "seconds": elapsed, "sink": float(sink)}


class Window:
    """Mean return of the last 100 finished training episodes."""

    def __init__(self):
        self.returns = []
        self.curve = []

    def add(self, returns, steps):
        self.returns.extend(returns)
        del self.returns[:-100]
        if self.returns:
            self.curve.append([steps, sum(self.returns) / len(self.returns)])

    def reached(self, target):
        return len(self.returns) == 100 and sum(self.returns) / 100 >= target


def newest(env_id, offered):
    """The id itself, or the same env in the newest version that a peer has; raises `Unsupported` if there is none."""
    if env_id in offered:
        return env_id
    name = env_id.rsplit("-v", 1)[0]
    same = [other for other in offered if other.rsplit("-v", 1)[0] == name]
    if not same:
        raise Unsupported(f"has no {env_id}")
    return max(same, key=lambda other: int(other.rsplit("-v", 1)[1]))


def run(kinds, version, solve=None):
    """`python peer.py` serves; `python peer.py solve '{...}'` is one whole process, start to solved to exit."""
    if len(sys.argv) > 2 and sys.argv[1] == "solve" and solve is not None:
        out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        begin = time.perf_counter()
        answer = solve(json.loads(sys.argv[2]))
        answer.update(importSeconds=begin - STARTED, processSeconds=time.perf_counter() - STARTED)
        out.write(json.dumps(answer) + "\n")
        out.flush()
    else:
        serve(kinds, version)
