"""Writes rliable.json: what the rliable package computes of some scores.

    pip install rliable==1.2.0 'arch<8' 'pandas<3' && python make_rliable.py > rliable.json

rliable draws from numpy's global generator. Here its draws are taken from default_rng(seed), in the order in which this library
takes them (task by task, run by run; of two methods all resamples of the first, then of the second), so that intervals too can be
compared exactly.
"""
import json
import arch
import numpy as np
import rliable
import scipy
from importlib.metadata import version
from rliable import library, metrics

REPS = 400
SEED = 7
generator = np.random.default_rng(1)
methods = {
    'a': np.round(generator.normal(0.6, 0.5, (7, 3)), 3),
    'b': np.round(generator.normal(0.8, 0.4, (10, 3)), 3),
    # Many ties, within and between.
    'c': np.round(generator.uniform(0, 1, (7, 3)) * 4) / 4,
}
queue = []


def take(n, shape, replace=True):
    assert replace
    indices = queue.pop(0)
    assert indices.shape == tuple(shape[:2]) and indices.max() < n
    if len(shape) == 3:  # The same runs at all points of a curve.
        indices = np.repeat(indices[:, :, None], shape[2], axis=2)
    return indices


np.random.choice = take


def draws(shape, random):
    runs, tasks = shape[:2]
    return [random.integers(0, runs, (tasks, runs)).T for _ in range(REPS)]


def estimate(function, *scores):
    random = np.random.default_rng(SEED)
    lists = [draws(each.shape, random) for each in scores]
    queue[:] = [one for together in zip(*lists) for one in together]
    data = scores[0] if len(scores) == 1 else list(scores)
    points, intervals = library.get_interval_estimates({'it': data}, function, reps=REPS)
    assert not queue
    return {'value': points['it'].tolist(), 'low': intervals['it'][0].tolist(), 'high': intervals['it'][1].tolist()}


def one(metric):
    return lambda *scores: np.array([metric(*scores)])


thresholds = np.round(np.linspace(-0.5, 1.75, 10), 2)
curves = np.round(np.cumsum(generator.normal(0.1, 0.3, (9, 2, 6)), axis=2), 3)
iqm_curve = lambda scores: np.array([metrics.aggregate_iqm(scores[..., point]) for point in range(scores.shape[2])])
print(json.dumps({
    'madeBy': f'rliable {version("rliable")}, arch {arch.__version__}, numpy {np.__version__}, scipy {scipy.__version__}; make_rliable.py',
    'reps': REPS,
    'seed': SEED,
    'scores': {name: scores.T.tolist() for name, scores in methods.items()},
    'aggregates': {
        name: {
            'mean': estimate(one(metrics.aggregate_mean), scores),
            'median': estimate(one(metrics.aggregate_median), scores),
            'iqm': estimate(one(metrics.aggregate_iqm), scores),
            'optimalityGap': estimate(one(metrics.aggregate_optimality_gap), scores),
        } for name, scores in methods.items()
    },
    'thresholds': thresholds.tolist(),
    'profiles': {
        name: estimate(lambda x: library.score_distributions(x, thresholds), scores) for name, scores in methods.items()
    },
    'improvement': {
        f'{x}{y}': estimate(one(metrics.probability_of_improvement), methods[x], methods[y])
        for x in methods for y in methods if x != y
    },
    # [task][run][point]
    'curves': curves.transpose(1, 0, 2).tolist(),
    'curve': estimate(iqm_curve, curves),
}))
