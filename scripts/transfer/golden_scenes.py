"""Writes test/golden/box2d/scenes.json: how Box2D moves scenes of the physics tests.

Each scene is data that test/physics/box2d-scenes.test.ts builds with `World`, and the float32 state of its moving bodies after
chosen steps. Usage: python golden_scenes.py > ../../test/golden/box2d/scenes.json   (Box2D 2.3.10, Python 3.11)
"""
import json
import Box2D
from Box2D.b2 import circleShape, distanceJointDef, edgeShape, fixtureDef, polygonShape, prismaticJointDef, revoluteJointDef, weldJointDef

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


def ground(**options):
    return {"type": "static", "fixtures": [fixture("edge", points=[a, b], **options) for a, b in zip(GROUND, GROUND[1:])]}


def scenes_of_joints():
    """Scenes with joints of all kinds, and what is done to the joints after some steps."""
    solid = {"density": 1.0, "friction": 0.4}
    yield "a slider with motor and limits on a slope, and another on top of it", 400, [0, -10], [
        ground(friction=0.5),
        {"type": "dynamic", "position": [0.4, 3.2], "angle": 0.4636, "fixtures": [box(0.5, 0.2, **solid), fixture("circle", radius=0.2, center=[0.4, 0.3], density=2.0)]},
        {"type": "dynamic", "position": [0.2, 4.0], "angle": 0.3, "fixtures": [box(0.15, 0.3, **solid)]},
        {"type": "dynamic", "position": [5, 6], "fixtures": [fixture("circle", radius=0.3, restitution=0.3, **solid)]},
        {"type": "dynamic", "position": [5, 3], "fixedRotation": True, "fixtures": [box(0.5, 0.1, **solid)]},
    ], [
        {"kind": "prismatic", "bodies": [0, 1], "anchors": [[0, 3], [0.1, -0.1]], "localAxisA": [2, 1], "referenceAngle": 0.4636, "enableLimit": True, "lowerTranslation": -1.5, "upperTranslation": 2, "enableMotor": True, "motorSpeed": 2.5, "maxMotorForce": 60},
        {"kind": "prismatic", "bodies": [1, 2], "anchors": [[-0.2, 0.2], [0, -0.3]], "localAxisA": [-0.3, 1], "referenceAngle": -0.1, "enableLimit": True, "lowerTranslation": 0, "upperTranslation": 0.8, "enableMotor": True, "motorSpeed": 1, "maxMotorForce": 8},
        {"kind": "prismatic", "bodies": [0, 4], "anchors": [[5, 3], [0, 0]], "localAxisA": [0, 1], "referenceAngle": 0, "enableLimit": True, "lowerTranslation": -0.5, "upperTranslation": 1, "enableMotor": True, "motorSpeed": 3, "maxMotorForce": 25},
    ], [
        {"after": 100, "joint": 0, "set": {"motorSpeed": -3}},
        {"after": 130, "joint": 1, "set": {"maxMotorForce": 1.5}},
        {"after": 180, "joint": 0, "set": {"enableMotor": False}},
        {"after": 200, "joint": 2, "set": {"motorSpeed": -1, "lowerTranslation": -0.8}},
        {"after": 240, "joint": 0, "set": {"upperTranslation": 0.25, "lowerTranslation": -0.75}},
        {"after": 300, "joint": 1, "set": {"lowerTranslation": 0.4, "upperTranslation": 0.402}},
        {"after": 340, "joint": 0, "set": {"enableLimit": False}},
    ]
    wheel = [fixture("circle", radius=0.35, density=1.0, friction=1.2)]
    yield "a car on sprung distance joints", 300, [0, -10], [
        ground(friction=0.9),
        {"type": "dynamic", "position": [-6, 1.4], "linearVelocity": [4, 0], "fixtures": [fixture("polygon", points=[[-1.1, -0.2], [1.1, -0.2], [1.0, 0.2], [-0.5, 0.4]], **solid)]},
        {"type": "dynamic", "position": [-6.8, 0.6], "angularVelocity": -9, "fixtures": wheel},
        {"type": "dynamic", "position": [-5.2, 0.6], "fixtures": wheel},
        {"type": "dynamic", "position": [2, 1.5], "fixtures": [box(0.25, 0.25, **solid)]},
    ], [
        {"kind": "distance", "bodies": [1, 2], "anchors": [[-0.8, 0.1], [0, 0]], "length": 0.9, "frequencyHz": 4, "dampingRatio": 0.5},
        {"kind": "distance", "bodies": [1, 2], "anchors": [[0, -0.2], [0, 0]], "length": 1.0},
        {"kind": "distance", "bodies": [1, 3], "anchors": [[0.8, 0.1], [0, 0]], "length": 0.9, "frequencyHz": 3, "dampingRatio": 0.1},
        {"kind": "distance", "bodies": [1, 3], "anchors": [[0, -0.2], [0, 0]], "length": 1.0, "collideConnected": True},
    ], [
        {"after": 90, "joint": 0, "set": {"length": 1.2}},
        {"after": 140, "joint": 2, "set": {"frequencyHz": 6, "dampingRatio": 1}},
        {"after": 200, "joint": 3, "destroy": True},
    ]
    plank = [box(0.4, 0.08, density=3.0, friction=0.6)]
    planks = lambda y: [{"type": "dynamic", "position": [0.4 + 0.8 * i, y], "fixtures": plank} for i in range(5)]
    welds = lambda first, **o: [{"kind": "weld", "bodies": [first + i - 1 if i else 0, first + i], "anchors": [[0.4, 0] if i else [0, 4 if first == 1 else 2], [-0.4, 0]], "referenceAngle": 0, **o} for i in range(5)]
    yield "cantilevers of soft and of rigid welds on which balls fall", 300, [0, -10], [
        {"type": "static", "fixtures": [fixture("edge", points=[[-10, 0], [10, 0]], friction=0.5)]},
        *planks(4),
        *planks(2),
        {"type": "dynamic", "position": [3.3, 6], "fixtures": [fixture("circle", radius=0.25, density=4.0, restitution=0.2)]},
        {"type": "dynamic", "position": [1.2, 7], "angle": 0.5, "fixtures": [box(0.2, 0.2, density=2.0, friction=0.5)]},
    ], [*welds(1, frequencyHz=5, dampingRatio=0.4), *welds(6)], [
        {"after": 150, "joint": 2, "set": {"frequencyHz": 2, "dampingRatio": 0.1}},
        {"after": 200, "joint": 7, "destroy": True},
    ]
    yield "a bridge of rods that breaks, a welded cross and a piston that meet", 400, [0, -10], [
        {"type": "static", "fixtures": [fixture("edge", points=[[-10, 0], [10, 0]], friction=0.6)]},
        *[{"type": "dynamic", "position": [-3 + i, 4], "fixtures": [box(0.3, 0.1, density=2.0, friction=0.6)]} for i in range(5)],
        {"type": "dynamic", "position": [0, 6], "angle": 0.2, "fixtures": [box(0.7, 0.1, **solid)]},
        {"type": "dynamic", "position": [0, 6], "angle": 1.5, "fixtures": [box(0.5, 0.1, **solid)]},
        {"type": "dynamic", "position": [2.5, 0.5], "fixtures": [box(0.4, 0.4, density=2.0, friction=0.8)]},
        {"type": "dynamic", "position": [1.5, 0.6], "fixtures": [box(0.3, 0.05, **solid)]},
        {"type": "dynamic", "position": [-2, 7], "linearVelocity": [1, -3], "fixtures": [fixture("circle", radius=0.4, restitution=0.4, **solid)]},
        {"type": "dynamic", "position": [4, 2.5], "fixtures": [box(0.5, 0.05, **solid)]},
    ], [
        {"kind": "distance", "bodies": [0, 1], "anchors": [[-4, 4], [-0.3, 0]], "length": 0.7},
        *[{"kind": "distance", "bodies": [i, i + 1], "anchors": [[0.3, 0], [-0.3, 0]], "length": 0.4} for i in range(1, 5)],
        {"kind": "distance", "bodies": [5, 0], "anchors": [[0.3, 0], [2, 4]], "length": 0.7},
        {"kind": "weld", "bodies": [6, 7], "anchors": [[0, 0], [0, 0]], "referenceAngle": 1.3, "frequencyHz": 8, "dampingRatio": 0.2},
        {"kind": "prismatic", "bodies": [8, 9], "anchors": [[-0.4, 0.1], [0.3, 0]], "localAxisA": [-1, 0], "referenceAngle": 0, "enableLimit": True, "lowerTranslation": 0, "upperTranslation": 1.2, "enableMotor": True, "motorSpeed": 1, "maxMotorForce": 100},
        {"kind": "revolute", "bodies": [8, 11], "anchors": [[0.4, 0.4], [-0.5, 0]], "referenceAngle": 0, "enableLimit": True, "lowerAngle": -0.5, "upperAngle": 1.5, "enableMotor": True, "motorSpeed": 2, "maxMotorTorque": 4, "collideConnected": True},
    ], [
        {"after": 110, "joint": 3, "destroy": True},
        {"after": 160, "joint": 6, "set": {"motorSpeed": -2}},
        {"after": 220, "joint": 7, "set": {"upperAngle": 0.5}},
        {"after": 260, "joint": 5, "destroy": True},
        {"after": 300, "joint": 6, "destroy": True},
    ]


DEFINITIONS = {"revolute": revoluteJointDef, "prismatic": prismaticJointDef, "distance": distanceJointDef, "weld": weldJointDef}
# Box2D's Python names of what a joint's handle calls otherwise.
PROPERTIES = {"enableMotor": "motorEnabled", "enableLimit": "limitEnabled", "lowerTranslation": "lowerLimit", "upperTranslation": "upperLimit", "lowerAngle": "lowerLimit", "upperAngle": "upperLimit", "frequencyHz": "frequency"}


def reading(joint):
    """What a joint tells of itself."""
    if isinstance(joint, Box2D.b2PrismaticJoint):
        return [joint.translation, joint.speed]
    return [joint.angle, joint.speed] if isinstance(joint, Box2D.b2RevoluteJoint) else []


def build(gravity, bodies, joints):
    world = Box2D.b2World(gravity=gravity)
    made = []
    for spec in bodies:
        options = {k: spec[k] for k in ("position", "angle", "linearVelocity", "angularVelocity", "linearDamping", "angularDamping", "bullet", "fixedRotation") if k in spec}
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
    held = []
    for j in joints:
        a, b = (made[i] for i in j["bodies"])
        rest = {k: v for k, v in j.items() if k not in ("kind", "bodies", "anchors")}
        define = DEFINITIONS[j.get("kind", "revolute")]
        held.append(world.CreateJoint(define(bodyA=a, bodyB=b, localAnchorA=tuple(j["anchors"][0]), localAnchorB=tuple(j["anchors"][1]), **rest)))
    return world, made, held


def change(world, held, changes, step):
    """Does what a scene does to its joints after a step; later joints move up where one is destroyed."""
    for c in changes:
        if c["after"] != step:
            continue
        if c.get("destroy"):
            world.DestroyJoint(held.pop(c["joint"]))
        for name, value in c.get("set", {}).items():
            joint = held[c["joint"]]
            if isinstance(joint, Box2D.b2WeldJoint):
                {"frequencyHz": joint.SetFrequency, "dampingRatio": joint.SetDampingRatio}[name](value)
            else:
                assert hasattr(joint, PROPERTIES.get(name, name)), name
                setattr(joint, PROPERTIES.get(name, name), value)


out = []
for name, steps, gravity, bodies, joints, *changes in [*scenes(), *scenes_of_joints()]:
    world, made, held = build(gravity, bodies, joints)
    states, readings = [], []
    for step in range(1, steps + 1):
        world.Step(1 / 50, 180, 60)
        if step % 10 == 0:
            states.append([step] + [[b.position.x, b.position.y, b.angle, b.linearVelocity.x, b.linearVelocity.y, b.angularVelocity, int(b.awake)] for b in made if b.type != 0])
            readings.append([reading(joint) for joint in held])
        if changes:
            change(world, held, changes[0], step)
    more = {"changes": changes[0], "readings": readings} if changes else {}
    out.append({"name": name, "gravity": gravity, "bodies": bodies, "joints": joints, **more, "states": states})
print(json.dumps({"origin": f"Box2D {Box2D.__version__}, scripts/transfer/golden_scenes.py, steps of 1/50 s with 180 and 60 iterations", "scenes": out}))
