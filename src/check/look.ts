/** Checks of what the random policy saw: ends, rewards, observations, arrays; and of the declared render modes. */
import { Env, type RenderMode } from '../core/env.js';
import type { EnvSpec } from '../core/spec.js';
import { constructEnv } from '../registration/index.js';
import { explainScene } from '../render/validate.js';
import { Box, isPicture } from '../spaces/box.js';
import { keyboardFaults } from '../spaces/keyboard.js';
import { type Fault, type Findings, thrown } from './report.js';
import type { Survey } from './survey.js';

const names = (env: Env, elements: readonly number[]): string => {
  const { metadata, observationSpace } = env.unwrapped;
  // A wrapper that changes the observation makes the table's rows mean nothing.
  const rows = observationSpace === env.observationSpace ? metadata.fields?.observation : undefined;
  const shown = elements.slice(0, 6).map((k) => rows?.[k]?.name ?? `element ${k}`);
  return shown.join(', ') + (elements.length > 6 ? ` and ${elements.length - 6} more` : '');
};

export function checkLook(env: Env, spec: EnvSpec | null, seen: Survey, found: Findings): void {
  const { terminated, truncated, steps } = seen;
  if (terminated + truncated > 0) {
    found.pass('episodes end', `${terminated} episodes terminated and ${truncated} were truncated in ${steps} steps`);
  } else if (spec !== null && spec.maxEpisodeSteps !== null) {
    found.pass(
      'episodes end',
      `at the limit of ${spec.maxEpisodeSteps} steps; none terminated in ${steps} random steps`,
    );
  } else {
    found.warn('episodes end', {
      code: 'NEVER_ENDS',
      message: `no episode ended in ${steps} random steps, and the env has no maxEpisodeSteps.`,
      cause: 'terminated never becomes true for a random policy, and no time limit cuts the episode.',
      fix: "register({ id: 'MyEnv-v0', entryPoint: MyEnv, maxEpisodeSteps: 500 });",
    });
  }
  checkRewards(seen, found);
  checkElements(env, seen, found);
  found.pass(
    'arrays',
    seen.sharesArrays
      ? 'step() reuses its observation array, which is fast and fine: make() hands out copies'
      : 'step() returns a new observation each time',
  );
  checkFields(env, found);
  checkKeyboard(env, found);
}

function checkRewards({ rewards, lengths, terminated, steps }: Survey, found: Findings): void {
  if (rewards.size > 1) {
    found.pass('rewards', `${rewards.size === 100 ? '100 or more' : rewards.size} different rewards`);
    return;
  }
  const only = [...rewards][0];
  if (terminated > 0 && lengths.size > 1) {
    found.pass('rewards', `always ${only}, but episodes end after different numbers of steps, so returns differ`);
    return;
  }
  found.warn('rewards', {
    code: 'REWARD_CONSTANT',
    message: `every reward of ${steps} random steps was ${only}, and no episode terminated earlier than another.`,
    cause: 'The reward ignores the state, or its goal is so far that a random policy never meets it.',
    fix: 'Reward progress: reward = distanceBefore - distanceNow; or end the episode when the task is done.',
  });
}

function checkElements(env: Env, { elements }: Survey, found: Findings): void {
  if (elements === null || elements.count < 20) {
    found.skip('observations vary', elements === null ? 'not a Box' : 'too few observations');
    return;
  }
  const space = env.observationSpace as Box;
  const { low, high, atBound, count } = elements;
  const all = Array.from({ length: space.size }, (_, k) => k);
  const still = all.filter((k) => low[k] === high[k]);
  const moving = all.filter((k) => low[k] !== high[k]);
  const stuck = moving.filter((k) => atBound[k]! > 0.9 * count && !isFlag(space, k));
  if (isPicture(space) && moving.length > 0) {
    found.pass('observations vary', `${moving.length} of ${space.size} numbers of the picture vary`);
    return;
  }
  const faults: Fault[] = [];
  if (still.length > 0) {
    faults.push({
      code: 'OBSERVATION_CONSTANT',
      message: `${still.length} of ${space.size} elements never varied: ${names(env, still)}.`,
      cause:
        'A field that is never written, or something that only matters later in an episode than a random policy gets.',
      fix: 'observation[k] = value in the method that both reset() and step() call; or leave the element out.',
    });
  }
  if (stuck.length > 0) {
    faults.push({
      code: 'OBSERVATION_SATURATED',
      message: `${stuck.length} elements lie on a bound more than 90 % of the time: ${names(env, stuck)}.`,
      cause: 'The bounds are narrower than the quantity, and clipping hides it.',
      fix: 'Widen the bounds, or scale the value before it is clipped.',
    });
  }
  for (const fault of faults) found.warn('observations vary', fault);
  if (faults.length === 0)
    found.pass('observations vary', `all ${space.size} elements vary and none sits on its bounds`);
  const narrow = moving.filter((k) => {
    const span = space.high[k]! - space.low[k]!;
    return Number.isFinite(span) && high[k]! - low[k]! < 0.05 * span;
  });
  found.pass(
    'bounds',
    narrow.length === 0
      ? 'finite bounds are approached'
      : `for information: a random policy uses less than 5 % of the range of ${names(env, narrow)}`,
  );
}

/** An element that is 0 or 1, or a whole-number type with two values: on a bound by its nature. */
function isFlag(space: Box, k: number): boolean {
  return space.low[k] === 0 && space.high[k] === 1;
}

function checkFields(env: Env, found: Findings): void {
  const { metadata, observationSpace } = env.unwrapped;
  const { fields } = metadata;
  if (fields === undefined || !(observationSpace instanceof Box)) return;
  const { size } = observationSpace as Box;
  if (fields.observation.length === size) {
    found.pass('field table', `${size} rows, one for each element`);
    return;
  }
  if (fields.observation.length === 0 && isPicture(observationSpace)) {
    found.pass('field table', 'a picture needs no rows');
    return;
  }
  found.fail('field table', {
    code: 'FIELDS_MISMATCH',
    message: `metadata.fields.observation has ${fields.observation.length} rows for ${size} elements.`,
    cause: 'The observation grew or shrank and the table did not.',
    fix: 'readonly observationSpace = Box.ofFields(fields.observation);',
  });
}

/** Keys for a person stand for actions of the env's own space. */
function checkKeyboard({ unwrapped }: Env, found: Findings): void {
  const { keyboard } = unwrapped.metadata;
  if (keyboard === undefined) return;
  const faults = keyboardFaults(keyboard, unwrapped.actionSpace);
  if (faults.length === 0) {
    found.pass('keyboard', `${keyboard.bindings.length} bindings, each an action of the space`);
    return;
  }
  found.fail('keyboard', {
    code: 'KEYBOARD_INVALID',
    message: `metadata.keyboard: ${faults.slice(0, 3).join('; ')}.`,
    cause: 'The action space changed and the bindings did not, or an action is not in its JSON form.',
    fix: "keyboard: { idle: null, bindings: [{ keys: ['ArrowLeft'], action: 0, label: 'left' }] } // as actionSpace.valueToJSON gives actions",
  });
}

/** Every declared render mode draws; a render() without a declared mode is told. */
export async function checkRender(env: Env, spec: EnvSpec | null, found: Findings): Promise<void> {
  const modes = env.metadata.renderModes ?? [];
  if (modes.length === 0) {
    if (env.unwrapped.render === Env.prototype.render)
      return found.pass('render', 'no render mode declared, none needed');
    return found.warn('render', {
      code: 'RENDER_MODE_MISSING',
      message: 'the env has a render(), but metadata.renderModes does not say what it gives.',
      cause: 'The declaration is missing, so neither make({ renderMode }) nor the viewer uses it.',
      fix: "readonly metadata = { renderModes: ['scene'], renderFps: 30 };",
    });
  }
  if (spec === null) return found.skip('render', 'needs an env for each mode: give the id or spec');
  for (const mode of modes) {
    const why = await renderFault(spec, mode);
    if (why === null) continue;
    return found.fail('render', {
      code: 'RENDER_INVALID',
      message: `render() in mode '${mode}' ${why}.`,
      cause: 'The mode is declared, but render() does not draw it; the base render() returns null.',
      fix: MODE_FIX[mode],
    });
  }
  if (env.metadata.renderFps === undefined) {
    return found.warn('render', {
      code: 'RENDER_FPS_MISSING',
      message: 'metadata.renderFps is not set.',
      cause: 'Viewers then do not know how fast a second passes.',
      fix: "readonly metadata = { renderModes: ['scene'], renderFps: 30 };",
    });
  }
  found.pass('render', `${modes.join(', ')}: drawn after reset and after a step`);
}

const MODE_FIX: Record<RenderMode, string> = {
  scene: "render() { return { background: '#fff', camera: { x, y, width, height }, items: [{ shape, x, y }] }; }",
  ansi: "render() { return 'text'; }",
  rgb_array: 'render() { return pixels; } // a Uint8Array of height x width x 3',
};

async function renderFault(spec: EnvSpec, mode: RenderMode): Promise<string | null> {
  try {
    const env = await constructEnv(spec, mode);
    env.actionSpace.seed(1);
    env.reset({ seed: 1 });
    const first = pictureFault(mode, env.render());
    env.step(env.actionSpace.sample());
    const second = first ?? pictureFault(mode, env.render());
    env.close();
    return second;
  } catch (error) {
    return `threw ${thrown(error)}`;
  }
}

function pictureFault(mode: RenderMode, picture: unknown): string | null {
  if (picture === null || picture === undefined) return `returned ${String(picture)}`;
  if (mode === 'scene') {
    const why = explainScene(picture);
    return why === null ? null : `returned no scene: ${why}`;
  }
  if (mode === 'ansi') return typeof picture === 'string' ? null : `returned a ${typeof picture} instead of text`;
  const data = ArrayBuffer.isView(picture) ? picture : (picture as { data?: unknown }).data;
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray ? null : 'returned no bytes';
}
