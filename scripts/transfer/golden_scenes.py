"""Writes test/golden/box2d/scenes.json: how Box2D moves scenes of the physics tests.

Each scene is data that test/physics/box2d-scenes.test.ts builds with `World`, and the float32 state of its moving bodies after
chosen steps. Usage: python golden_scenes.py > ../../test/golden/box2d/scenes.json   (Box2D 2.3.10, Python 3.11)
"""
import json
import Box2D
from Box2D.b2 import circleShape, edgeShape, fixtureDef, polygonShape, revoluteJointDef

GROUND = [[-20, 0], [-4, 0], [0, -0.5], [3, 0.25], [8, 0], [20, 3]]


def fixture(kind, **options):
    return {"kind": kind, **options}


def box(w, h, **o):
    return fixture("box", size=[w, h], **o)


def scenes():
    solid = {"density": 1.0, "friction": 0.4}
    yield "stack of boxes", 200, [0, -10], [
        {"type": "static", "fixtures": [fixture("edge", points=[[-10, 0], [10, 0]])]},
        *[{"type": "dynamic", "position": [0.05 * i, 0.6 + 1.05 * i], "fixtures": [box(0.5, 0.5, **solid)]} for i in range(5)],
    ], []
    yield "circles and polygons on a slope", 300, [0, -9.81], [
        {"type": "static", "fixtures": [fixture("edge", points=[a, b], friction=0.7) for a, b in zip(GROUND, GROUND[1:])]},
        {"type": "dynamic", "position": [-2, 3], "fixtures": [fixture("circle", radius=0.4, restitution=0.5, **solid)]},
        {"type": "dynamic", "position": [-1.8, 4], "fixtures": [fixture("circle", radius=0.3, center=[0.1, 0], restitution=0.2, **solid)]},
        {"type": "dynamic", "position": [1, 3], "angle": 0.4, "fixtures": [fixture("polygon", points=[[-0.5, -0.3], [0.5, -0.3], [0.2, 0.6], [-0.4, 0.5]], **solid)]},
        {"type": "dynamic", "position": [1.3, 5], "angle": 1.0, "linearVelocity": [0, -30], "fixtures": [box(0.2, 0.6, **solid)]},
        {"type": "dynamic", "position": [5, 2], "angularVelocity": 8, "fixtures": [box(0.4, 0.1, restitution=0.6, **solid)]},
    ], []
    yield "a legged robot", 250, [0, -10], [
        {"type": "static", "fixtures": [fixture("polygon", points=[[-20, -1], [20, -1], [20, 0], [-20, 0]], friction=2.5)]},
        {"type": "dynamic", "position": [0, 1.5], "fixtures": [box(0.6, 0.2, density=5.0)]},
        {"type": "dynamic", "position": [-0.4, 1.1], "angle": -0.1, "fixtures": [box(0.1, 0.4, density=1.0, maskBits=1, categoryBits=2)]},
        {"type": "dynamic", "position": [0.4, 1.1], "angle": 0.1, "fixtures": [box(0.1, 0.4, density=1.0, maskBits=1, categoryBits=2)]},
        {"type": "dynamic", "position": [0.2, 3.5], "bullet": True, "linearVelocity": [0, -20], "fixtures": [fixture("circle", radius=0.1, density=2.0)]},
    ], [
        {"bodies": [1, 2], "anchors": [[-0.4, 0], [0, 0.4]], "enableLimit": True, "lowerAngle": -0.8, "upperAngle": 1.1, "enableMotor": True, "motorSpeed": 3, "maxMotorTorque": 40},
        {"bodies": [1, 3], "anchors": [[0.4, 0], [0, 0.4]], "enableMotor": True, "motorSpeed": -2, "maxMotorTorque": 5},
    ]
    yield "a chain that falls asleep", 300, [0, -10], [
        {"type": "static", "position": [0, 5], "fixtures": [box(0.2, 0.2)]},
        *[{"type": "dynamic", "position": [0.5 + i, 5], "angularDamping": 2.0, "linearDamping": 1.5, "fixtures": [box(0.5, 0.05, density=2.0)]} for i in range(4)],
    ], [
        {"bodies": [i, i + 1], "anchors": [[0.5 if i else 0, 0], [-0.5, 0]]} for i in range(4)
    ]


def build(gravity, bodies, joints):
    world = Box2D.b2World(gravity=gravity)
    made = []
    for spec in bodies:
        options = {k: spec[k] for k in ("position", "angle", "linearVelocity", "angularVelocity", "linearDamping", "angularDamping", "bullet") if k in spec}
        create = world.CreateDynamicBody if spec["type"] == "dynamic" else world.CreateStaticBody
        body = create(**options)
        for f in spec["fixtures"]:
            if f["kind"] == "box":
                shape = polygonShape(box=tuple(f["size"]))
            elif f["kind"] == "polygon":
                shape = polygonShape(vertices=[tuple(p) for p in f["points"]])
            elif f["kind"] == "edge":
                shape = edgeShape(vertices=[tuple(p) for p in f["points"]])
            else:
                shape = circleShape(radius=f["radius"], pos=tuple(f.get("center", (0, 0))))
            rest = {k: f[k] for k in ("density", "friction", "restitution", "categoryBits", "maskBits") if k in f}
            body.CreateFixture(fixtureDef(shape=shape, **rest))
        made.append(body)
    for j in joints:
        a, b = (made[i] for i in j["bodies"])
        rest = {k: v for k, v in j.items() if k not in ("bodies", "anchors")}
        world.CreateJoint(revoluteJointDef(bodyA=a, bodyB=b, localAnchorA=tuple(j["anchors"][0]), localAnchorB=tuple(j["anchors"][1]), **rest))
    return world, made


out = []
for name, steps, gravity, bodies, joints in scenes():
    world, made = build(gravity, bodies, joints)
    states = []
    for step in range(1, steps + 1):
        world.Step(1 / 50, 180, 60)
        if step % 10 == 0:
            states.append([step] + [[b.position.x, b.position.y, b.angle, b.linearVelocity.x, b.linearVelocity.y, b.angularVelocity, int(b.awake)] for b in made if b.type != 0])
    out.append({"name": name, "gravity": gravity, "bodies": bodies, "joints": joints, "states": states})
print(json.dumps({"origin": f"Box2D {Box2D.__version__}, scripts/transfer/golden_scenes.py, steps of 1/50 s with 180 and 60 iterations", "scenes": out}))
