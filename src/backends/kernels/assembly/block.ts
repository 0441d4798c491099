// Shared constants and the network descriptor's layout. `kernels.ts` and `descriptor.ts` on the JavaScript side mirror them.

/** Samples in a block. Activations of a block are feature-major: row `f` holds feature `f` of BLOCK samples. */
@inline export const BLOCK: i32 = 64;
/** Bytes of a feature row, a compile-time constant so that tiles use constant offsets. */
@inline export const ROW: i32 = BLOCK * 4;

// Network descriptor, i32 fields.
@inline export const NET_OBSERVATION: usize = 0 << 2;
@inline export const NET_DISTRIBUTION: usize = 1 << 2; // 0 categorical, 1 gaussian, 2 several categoricals
@inline export const NET_ACTIONS: usize = 2 << 2;
@inline export const NET_PARAMETERS: usize = 3 << 2; // floats, padding included
@inline export const NET_LOG_STD: usize = 4 << 2; // offset in floats
@inline export const NET_ACTOR_LAYERS: usize = 5 << 2;
@inline export const NET_CRITIC_LAYERS: usize = 6 << 2;
@inline export const NET_ACTIVATION_ROWS: usize = 7 << 2; // rows of scratch for one tower's activations
@inline export const NET_FACTORS: usize = 8 << 2; // choices of several categoricals, else 0
@inline export const NET_FACTOR_TABLE: usize = 9 << 2; // where their sizes are, in words
@inline export const NET_ACTOR: usize = 16 << 2; // first actor layer; critic layers follow
@inline export const LAYER_BYTES: usize = 8 << 2;
@inline export const LAYER_INPUTS: usize = 0 << 2;
@inline export const LAYER_UNITS: usize = 1 << 2;
@inline export const LAYER_ACTIVATION: usize = 2 << 2;
@inline export const LAYER_WEIGHT: usize = 3 << 2; // offset in floats
@inline export const LAYER_BIAS: usize = 4 << 2; // offset in floats

@inline export const LINEAR: i32 = 0;
@inline export const TANH: i32 = 1;
@inline export const RELU: i32 = 2;

// Per-sample rows in scratch, used by the loss and by sampling. Fixed count, before the observation rows.
@inline export const SAMPLE_ROWS: i32 = 16;

@inline export function field(net: usize, offset: usize): i32 {
  return load<i32>(net + offset);
}

@inline export function criticLayers(net: usize): usize {
  return net + NET_ACTOR + <usize>field(net, NET_ACTOR_LAYERS) * LAYER_BYTES;
}

/** Logit of a choice that a mask forbids; `FORBIDDEN` of network/reference.ts. */
@inline const FORBIDDEN: f32 = -1e8;

/** Lowers the logits of forbidden choices: `masks` are bytes [rows, size], 0 forbids. Row `c` of the block is sample `indices[c]`, or `first + c`. */
export function forbid(logits: usize, size: i32, count: i32, masks: usize, indices: usize, first: i32): void {
  for (let c = 0; c < count; ++c) {
    const sample = indices != 0 ? load<i32>(indices + (<usize>c << 2)) : first + c;
    const mask = masks + <usize>sample * <usize>size;
    for (let k = 0; k < size; ++k) {
      if (load<u8>(mask + <usize>k) == 0) store<f32>(logits + <usize>(k * ROW + c * 4), FORBIDDEN);
    }
  }
}

/** Sizes of several choices, one i32 each. */
@inline export function factorSizes(net: usize): usize {
  return net + (<usize>field(net, NET_FACTOR_TABLE) << 2);
}

// Scratch of one thread: SAMPLE_ROWS | A rows | a row for each of several choices | O rows | activation rows of one tower | constants and a panel of weights.
@inline export function actionRows(scratch: usize): usize {
  return scratch + <usize>(SAMPLE_ROWS * ROW);
}

@inline export function observationRows(net: usize, scratch: usize): usize {
  return choiceRows(net, scratch) + <usize>(field(net, NET_FACTORS) * ROW);
}

/** Rows of the choices taken, i32. */
@inline export function choiceRows(net: usize, scratch: usize): usize {
  return actionRows(scratch) + <usize>(field(net, NET_ACTIONS) * ROW);
}

@inline export function activationRows(net: usize, scratch: usize): usize {
  return observationRows(net, scratch) + <usize>(field(net, NET_OBSERVATION) * ROW);
}

@inline export function workArea(net: usize, scratch: usize): usize {
  return activationRows(net, scratch) + <usize>(field(net, NET_ACTIVATION_ROWS) * ROW);
}
