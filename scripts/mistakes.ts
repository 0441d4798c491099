/** Typical mistakes as small programs, and what mends each; `generate-mistakes.ts` compiles and runs them. */

/** One mistake. */
export interface Mistake {
  readonly title: string;
  /** One or two sentences: why it happens, or what it would lead to. */
  readonly about: string;
  /** A whole program. */
  readonly code: string;
  /** Texts of the program and what belongs in their place. */
  readonly fix: readonly (readonly [wrong: string, right: string])[];
}

/** A small env, with the parts that a mistake is about given anew. */
function walk(
  parts: {
    imports?: string;
    type?: string;
    spaces?: string;
    reset?: string;
    step?: string;
    register?: string;
    use?: string;
  } = {},
): string {
  const {
    imports = 'Box, Discrete, Env, make, register, type ResetOptions',
    type = 'Env<Float32Array, number>',
    spaces = `  readonly observationSpace = new Box(-10, 10, { shape: [1] });
  readonly actionSpace = new Discrete(2);`,
    reset = `  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.x = this.rng.uniform(-1, 1);
    return { observation: Float32Array.of(this.x), info: {} };
  }`,
    step = `  step(action: number) {
    this.x += action === 1 ? 0.1 : -0.1;
    const observation = Float32Array.of(this.x);
    return { observation, reward: -Math.abs(this.x), terminated: false, truncated: false, info: {} };
  }`,
    register = "register({ id: 'Walk-v0', entryPoint: Walk, moduleUrl: import.meta.url, maxEpisodeSteps: 100 });",
    use = `const env = await make<Float32Array, number>('Walk-v0');
env.reset({ seed: 1 });
env.step(1);`,
  } = parts;
  return `import { ${imports} } from 'gymkhana';

export class Walk extends ${type} {
${spaces}
  x = 0;

${reset}

${step}
}
${register}

${use}
`;
}

export const MISTAKES: readonly Mistake[] = [
  {
    title: 'make without await',
    about: '`make` imports the module of the env, so it returns a promise.',
    code: `import { make } from 'gymkhana';

const env = make('CartPole-v1');
env.reset({ seed: 1 });
`,
    fix: [["= make('CartPole-v1')", "= await make('CartPole-v1')"]],
  },
  {
    title: 'A tuple instead of an object',
    about: 'Gymnasium returns tuples; here `reset` and `step` return objects.',
    code: `import { make } from 'gymkhana';

const env = await make('CartPole-v1');
env.reset({ seed: 1 });
const [observation, reward] = env.step(1);
console.log(observation, reward);
`,
    fix: [['const [observation, reward]', 'const { observation, reward }']],
  },
  {
    title: 'A seed that is not in the options',
    about: 'Arguments go by name: one object.',
    code: `import { make } from 'gymkhana';

const env = await make('CartPole-v1');
env.reset(42);
`,
    fix: [['42', '{ seed: 42 }']],
  },
  {
    title: 'A step before the first reset',
    about: 'An episode begins with `reset`.',
    code: `import { make } from 'gymkhana';

const env = await make('CartPole-v1');
env.step(1);
`,
    fix: [['env.step(1);', 'env.reset({ seed: 1 });\nenv.step(1);']],
  },
  {
    title: 'An action of the wrong type',
    about: 'The action of a Box space is its typed array, also where it holds one number.',
    code: `import { make } from 'gymkhana';

const env = await make('Pendulum-v1');
env.reset({ seed: 1 });
env.step([0.5]);
`,
    fix: [['[0.5]', 'Float32Array.of(0.5)']],
  },
  {
    title: 'An action outside the space',
    about: 'Both are numbers, so only the run can tell.',
    code: `import { make } from 'gymkhana';

const env = await make('CartPole-v1');
env.reset({ seed: 1 });
env.step(2);
`,
    fix: [['env.step(2)', 'env.step(1)']],
  },
  {
    title: 'An id that does not exist',
    about: 'Ids state their version, and upper and lower case count.',
    code: `import { make } from 'gymkhana';

const env = await make('Cartpole-v1');
env.reset();
`,
    fix: [['Cartpole', 'CartPole']],
  },
  {
    title: 'A misspelt option of an env',
    about: 'An unknown option is an error: it would otherwise leave the default in force and nobody would notice.',
    code: `import { make } from 'gymkhana';

const env = await make('FrozenLake-v1', { isSlipery: false });
env.reset();
`,
    fix: [['isSlipery', 'isSlippery']],
  },
  {
    title: 'A render mode that does not exist',
    about: 'There are no windows: envs draw scenes, which become pages and pictures.',
    code: `import { make } from 'gymkhana';

const env = await make('CartPole-v1', { renderMode: 'human' });
env.reset();
`,
    fix: [["'human'", "'scene'"]],
  },
  {
    title: 'An env without an action space',
    about: 'Both spaces are needed.',
    code: walk({ spaces: '  readonly observationSpace = new Box(-10, 10, { shape: [1] });' }).replace('Discrete, ', ''),
    fix: [
      ['import { Box, Env', 'import { Box, Discrete, Env'],
      [
        '  readonly observationSpace = new Box(-10, 10, { shape: [1] });',
        '  readonly observationSpace = new Box(-10, 10, { shape: [1] });\n  readonly actionSpace = new Discrete(2);',
      ],
    ],
  },
  {
    title: 'A step without truncated',
    about:
      '`terminated`: the task ended. `truncated`: something outside cut it. A time limit from `maxEpisodeSteps` sets it for you.',
    code: walk({
      step: `  step(action: number) {
    this.x += action === 1 ? 0.1 : -0.1;
    const observation = Float32Array.of(this.x);
    return { observation, reward: -Math.abs(this.x), terminated: false, info: {} };
  }`,
    }),
    fix: [['terminated: false, info', 'terminated: false, truncated: false, info']],
  },
  {
    title: 'A step that is a promise',
    about:
      'Steps are synchronous. What comes from outside runs beside the env, and a step reads its latest value: see `docs/support.md`.',
    code: walk({
      step: `  async step(action: number) {
    this.x += action === 1 ? 0.1 : -0.1;
    const observation = Float32Array.of(this.x);
    return { observation, reward: -Math.abs(this.x), terminated: false, truncated: false, info: {} };
  }`,
    }),
    fix: [['  async step', '  step']],
  },
  {
    title: 'A reset that is missing',
    about: "The base class only seeds; what an episode begins with is the env's own.",
    code: walk({ reset: '' }).replace(', type ResetOptions', '').replace('  x = 0;\n\n\n', '  x = 0;\n'),
    fix: [
      ['register }', 'register, type ResetOptions }'],
      [
        '  x = 0;\n',
        `  x = 0;

  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.x = this.rng.uniform(-1, 1);
    return { observation: Float32Array.of(this.x), info: {} };
  }
`,
      ],
    ],
  },
  {
    title: 'A reset without super.reset',
    about: 'Without it nothing is seeded, and no episode could be replayed.',
    code: walk({
      reset: `  override reset(options: ResetOptions = {}) {
    this.x = this.rng.uniform(-1, 1);
    return { observation: Float32Array.of(this.x), info: {} };
  }`,
    }),
    fix: [['= {}) {\n    this.x', '= {}) {\n    super.reset(options);\n    this.x']],
  },
  {
    title: 'An observation of another type than the space',
    about: 'The dtype of a Box says which typed array its values are; the last line of the compiler names the two.',
    code: walk({
      spaces: `  readonly observationSpace = new Box(-10, 10, { shape: [1], dtype: 'float64' });
  readonly actionSpace = new Discrete(2);`,
    }),
    fix: [[", dtype: 'float64'", '']],
  },
  {
    title: 'An observation of another shape than the space',
    about: 'The type is the same, so only the run can tell.',
    code: walk({
      spaces: `  readonly observationSpace = new Box(-10, 10, { shape: [2] });
  readonly actionSpace = new Discrete(2);`,
    }),
    fix: [['shape: [2]', 'shape: [1]']],
  },
  {
    title: 'NaN in an observation',
    about: 'One NaN would make every weight of a policy NaN.',
    code: walk({
      step: `  step(action: number) {
    this.x += action === 1 ? 0.1 : -0.1;
    const observation = Float32Array.of(Math.sqrt(-1 - Math.abs(this.x)));
    return { observation, reward: -Math.abs(this.x), terminated: false, truncated: false, info: {} };
  }`,
    }),
    fix: [['Math.sqrt(-1 - Math.abs(this.x))', 'Math.sqrt(Math.abs(this.x))']],
  },
  {
    title: 'A reward that is no number',
    about: 'A field that does not exist gives undefined, and arithmetic with it NaN.',
    code: walk({
      step: `  step(action: number) {
    this.x += action === 1 ? 0.1 : -0.1;
    const observation = Float32Array.of(this.x);
    const reward = -Math.abs(observation[1]!);
    return { observation, reward, terminated: false, truncated: false, info: {} };
  }`,
    }),
    fix: [['observation[1]!', 'observation[0]!']],
  },
  {
    title: "Chance that is not the env's",
    about: 'All chance comes from `this.rng`, so that the same seed gives the same episode. `checkEnv` tells.',
    code: walk({
      imports: 'Box, checkEnv, Discrete, Env, register, type ResetOptions',
      reset: `  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.x = Math.random();
    return { observation: Float32Array.of(this.x), info: {} };
  }`,
      register: "register({ id: 'Walk-v0', entryPoint: Walk, maxEpisodeSteps: 100 });",
      use: `const report = await checkEnv(new Walk(), { steps: 200 });
const fault = report.results.find(({ status }) => status === 'fail');
if (fault !== undefined) throw new Error(\`\${fault.name}: \${fault.message}\`);`,
    }),
    fix: [['Math.random()', 'this.rng.uniform(-1, 1)']],
  },
];
