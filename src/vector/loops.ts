import { stepLoop } from './step-loop.js';

type StepLoop = typeof stepLoop;

const loops = new WeakMap<object, Promise<StepLoop>>();
let made = 0;

/** The step loop for envs of the class of `env`: a copy of its own, so that machine code stays specialised for that class. */
export async function loopFor(env: object): Promise<StepLoop> {
  const Class = env.constructor;
  let loop = loops.get(Class);
  if (loop === undefined) {
    loop = freshLoop();
    loops.set(Class, loop);
  }
  return await loop;
}

async function freshLoop(): Promise<StepLoop> {
  // The query makes the module a new one. Where a bundler has packed the modules into one file there is only the shared loop.
  const url = new URL(`./step-loop.js?copy=${made++}`, import.meta.url);
  try {
    return ((await import(url.href)) as { stepLoop: StepLoop }).stepLoop;
  } catch {
    return stepLoop;
  }
}
