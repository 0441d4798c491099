"""Makes test/golden/pictures.json: small random pictures, grey and resized by Gymnasium 1.4.0 with OpenCV.

    pip install gymnasium==1.4.0 opencv-python-headless numpy
    python scripts/transfer/golden_pictures.py > test/golden/pictures.json
"""

import base64
import json

import cv2
import gymnasium
import numpy as np
from gymnasium.wrappers import GrayscaleObservation, ResizeObservation

CASES = [
    ((12, 18, 3), (6, 9)),
    ((12, 18), (6, 9)),
    ((12, 18, 3), (4, 6)),
    ((24, 24, 3), (8, 4)),
    ((24, 24), (8, 4)),
    ((21, 17, 3), (8, 8)),
    ((21, 17), (8, 8)),
    ((96, 96, 3), (42, 42)),
    ((96, 96), (84, 84)),
    ((10, 10, 3), (9, 10)),
    ((10, 12, 3), (15, 18)),
    ((10, 12), (23, 7)),
    ((7, 30, 3), (9, 11)),
    ((16, 16), (16, 16)),
    ((13, 13, 2), (6, 5)),
    ((12, 12, 2), (6, 6)),
]


class Picture(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, picture):
        self.observation_space = gymnasium.spaces.Box(0, 255, picture.shape, np.uint8)
        self.picture = picture

    def reset(self, *, seed=None, options=None):
        return self.picture, {}


def text(array):
    return base64.b64encode(np.ascontiguousarray(array, np.uint8).tobytes()).decode()


rng = np.random.default_rng(5)
resized = []
for shape, size in CASES:
    # Noise, and a smooth part whose sums come close to halves.
    picture = rng.integers(0, 256, shape, dtype=np.uint8)
    rows = shape[0] // 2
    picture[:rows] = np.arange(picture[:rows].size, dtype=np.uint32).reshape(picture[:rows].shape) // 3 % 256
    result, _ = ResizeObservation(Picture(picture), size).reset()
    resized.append({"shape": shape, "size": size, "picture": text(picture), "result": text(result)})
picture = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
grey, _ = GrayscaleObservation(Picture(picture)).reset()
meta = {"gymnasium": gymnasium.__version__, "opencv": cv2.__version__, "numpy": np.__version__}
print(json.dumps({"meta": meta, "resized": resized, "grey": {"shape": picture.shape, "picture": text(picture), "result": text(grey)}}))
