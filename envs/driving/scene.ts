import type { Scene } from '../../src/render/scene.js';
import type { Car } from './car.js';
import type { DrivingInfo } from './driving.js';
import type { Track } from './track.js';

/** Paints the race. */
export class DrivingPainter {
  paint(_track: Track, car: Car, _o: Float32Array, _i: DrivingInfo, _t: number): Scene {
    return { background: '#4a8', camera: { x: car.body.x, y: car.body.y, width: 60, height: 40 }, items: [] };
  }
}
