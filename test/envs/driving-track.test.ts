import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONSTANTS } from '../../envs/driving/constants.js';
import { LapCounter, TrackFollower } from '../../envs/driving/progress.js';
import { SPLITS, TRACK_POINTS, Track } from '../../envs/driving/track.js';

function built(number: number): Track {
  const track = new Track();
  track.build(number);
  return track;
}

const anyNumber = fc.nat({ max: SPLITS.test.first + SPLITS.test.count - 1 });

test('the ranges of training and test tracks do not overlap', () => {
  const { train, test: held } = SPLITS;
  assert.ok(train.first + train.count <= held.first || held.first + held.count <= train.first);
});

test('a number is one track, whatever was built before', () => {
  const used = new Track();
  fc.assert(
    fc.property(anyNumber, (number) => {
      used.build(number);
      const fresh = built(number);
      assert.equal(used.barriers, fresh.barriers);
      assert.equal([used.x, used.y, used.curvature], [fresh.x, fresh.y, fresh.curvature]);
      assert.equal([used.length, used.halfWidth], [fresh.length, fresh.halfWidth]);
    }),
    { numRuns: 40 },
  );
});

test('tracks are smooth closed roads within their limits that never come near themselves', () => {
  fc.assert(
    fc.property(anyNumber, (number) => {
      const track = built(number);
      assert.ok(track.length <= CONSTANTS.TRACK_LENGTH_MAX.value && track.length > 250, `length ${track.length}`);
      let turning = 0;
      let sharpest = 0;
      for (let p = 0; p < TRACK_POINTS; p++) {
        const q = (p + 1) % TRACK_POINTS;
        const gap = Math.hypot(track.x[q]! - track.x[p]!, track.y[q]! - track.y[p]!);
        assert.ok(Math.abs(gap / track.spacing - 1) < 0.03, `even points: ${gap} for ${track.spacing}`);
        const turn =
          Math.atan2(track.tangentY[q]!, track.tangentX[q]!) - Math.atan2(track.tangentY[p]!, track.tangentX[p]!);
        const wrapped = turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
        const mean = (track.curvature[p]! + track.curvature[q]!) / 2;
        assert.ok(Math.abs(wrapped / track.spacing - mean) < 0.02, 'curvature is the turning of the tangent');
        turning += wrapped;
        sharpest = Math.max(sharpest, Math.abs(track.curvature[p]!));
      }
      assert.ok(Math.abs(Math.abs(turning) - 2 * Math.PI) < 1e-6, `one turn in all: ${turning}`);
      assert.ok(1 / sharpest >= CONSTANTS.MIN_RADIUS_LOW.value * (1 - 1e-9), `tightest bend ${1 / sharpest} m`);
      assert.ok(1 / sharpest > track.halfWidth + CONSTANTS.VERGE.value, 'the inner barrier does not fold');
      for (let p = 0; p < TRACK_POINTS; p++) {
        for (let q = p + 1; q < TRACK_POINTS; q++) {
          const apart = Math.min(q - p, TRACK_POINTS - q + p) * track.spacing;
          if (apart < 26) continue;
          const distance = Math.hypot(track.x[q]! - track.x[p]!, track.y[q]! - track.y[p]!);
          assert.ok(distance > 2 * (track.halfWidth + CONSTANTS.VERGE.value), `parts ${distance} m apart`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('the follower finds station and offset, and adds up to a lap either way', () => {
  fc.assert(
    fc.property(
      anyNumber,
      fc.double({ min: -3.5, max: 3.5, noNaN: true }),
      fc.constantFrom(1, -1),
      (number, offset, way) => {
        const track = built(number);
        const follower = new TrackFollower(track);
        const at = (p: number): [number, number] => [
          track.x[p]! - track.tangentY[p]! * offset,
          track.y[p]! + track.tangentX[p]! * offset,
        ];
        follower.reset(...at(0));
        let total = 0;
        for (let k = 1; k <= TRACK_POINTS; k++) {
          const p = (way * k + TRACK_POINTS) % TRACK_POINTS;
          total += follower.update(...at(p));
          assert.ok(Math.abs(follower.offset - offset) < 0.15, `offset ${follower.offset} for ${offset}`);
          const error = follower.station - p * track.spacing;
          const wrapped = error - track.length * Math.round(error / track.length);
          assert.ok(Math.abs(wrapped) < 0.8, `station off by ${wrapped} m`);
        }
        assert.ok(Math.abs(total - way * track.length) < 1, `${total} m for a lap of ${track.length} m`);
      },
    ),
    { numRuns: 60 },
  );
});

/** Feeds moves along a track of 160 m, whose 16 checkpoints are 10 m apart. */
function laps(moves: readonly number[]): LapCounter {
  const counter = new LapCounter();
  counter.reset(160);
  let station = 0;
  moves.forEach((ahead, k) => {
    counter.update(station, ahead, k + 1, 1);
    station = (((station + ahead) % 160) + 160) % 160;
  });
  return counter;
}

test('a lap is all checkpoints forwards, in order', () => {
  const forwards = new Array<number>(80).fill(2);
  assert.is(laps(forwards).laps, 1);
  assert.is(laps(forwards.slice(1)).laps, 0);
  assert.is(laps([...forwards, ...forwards]).laps, 2);
  assert.is(laps(forwards).checkpoints, 16);
});

test('driving backwards makes no lap, and back over the line none either', () => {
  const backwards = new Array<number>(200).fill(-2);
  assert.is(laps(backwards).laps, 0);
  assert.is(laps([-3, 5, -5, 5, -5, 5]).laps, 0);
  // Once round backwards, then once round forwards: one honest lap.
  const forwards = new Array<number>(80).fill(2);
  assert.is(laps([...backwards.slice(0, 80), ...forwards.slice(1)]).laps, 0);
  assert.is(laps([...backwards.slice(0, 80), ...forwards]).laps, 1);
});

test('skipping a checkpoint makes no lap until it is passed', () => {
  const jump = [...new Array<number>(30).fill(2), 25, ...new Array<number>(40).fill(2)];
  assert.is(laps(jump).laps, 0);
  assert.is(laps(jump).checkpoints, 6);
});

test('the lap time is where the line was crossed, not where the step ended', () => {
  const moves = [...new Array<number>(53).fill(3), 4];
  // 159 m after 53 s, then 1 m of the 4 m of the 54th.
  assert.is(laps(moves).firstLapTime, 53.25);
  assert.ok(Number.isNaN(laps(moves.slice(2)).firstLapTime));
});

test.run();
