// One tower (actor or critic) over one block.
import { ROW, LAYER_BYTES, LAYER_INPUTS, LAYER_UNITS, LAYER_ACTIVATION, LAYER_WEIGHT, LAYER_BIAS, field } from './block';
import { denseInputGradient, denseWeightGradient } from './dense-backward';
import { denseForward } from './dense-forward';

/** Runs the layers; layer l's output rows follow layer l-1's, from `activations` on. Returns the head's rows. */
export function towerForward(
  layers: usize, count: i32, parameters: usize, x: usize, activations: usize, columns: i32, work: usize,
): usize {
  let input = x;
  let output = activations;
  for (let l = 0; l < count; ++l) {
    const layer = layers + <usize>l * LAYER_BYTES;
    const units = field(layer, LAYER_UNITS);
    denseForward(
      input, field(layer, LAYER_INPUTS), parameters + (<usize>field(layer, LAYER_WEIGHT) << 2),
      parameters + (<usize>field(layer, LAYER_BIAS) << 2), units, output, field(layer, LAYER_ACTIVATION), columns,
      work,
    );
    input = output;
    output += <usize>(units * ROW);
  }
  return input;
}

/** Adds the gradient of every parameter; the head's rows hold d loss / d head output. Activations are overwritten. */
export function towerBackward(
  layers: usize, count: i32, parameters: usize, gradient: usize, x: usize, head: usize, columns: i32,
): void {
  let dz = head;
  for (let l = count - 1; l >= 0; --l) {
    const layer = layers + <usize>l * LAYER_BYTES;
    const inputs = field(layer, LAYER_INPUTS);
    const units = field(layer, LAYER_UNITS);
    const weight = <usize>field(layer, LAYER_WEIGHT) << 2;
    const input = l == 0 ? x : dz - <usize>(inputs * ROW);
    denseWeightGradient(
      input, inputs, dz, units, gradient + weight, gradient + (<usize>field(layer, LAYER_BIAS) << 2), columns,
    );
    if (l == 0) return;
    denseInputGradient(dz, units, parameters + weight, inputs, input, field(layer - LAYER_BYTES, LAYER_ACTIVATION), columns);
    dz = input;
  }
}
