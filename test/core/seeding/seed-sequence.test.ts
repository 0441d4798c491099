import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Generator } from '../../../src/core/seeding/generator.js';
import { SeedSequence } from '../../../src/core/seeding/seed-sequence.js';
import { golden } from '../../support/paths.js';

interface Words {
  readonly generate_state_u32_4: readonly string[];
}

interface SequenceCase {
  readonly seed: string;
  readonly seed_sequence: Words & {
    readonly pool: readonly string[];
    readonly generate_state_u32_9: readonly string[];
    readonly generate_state_u64_4: readonly string[];
  };
  readonly spawn: readonly (Words & {
    readonly spawn_key: readonly number[];
    readonly generate_state_u64_4: readonly string[];
  })[];
  readonly grandchild_1_1: Words & { readonly spawn_key: readonly number[] };
}

/** Written by numpy 2.4.6; `meta` in the file says how. */
const oracle = JSON.parse(readFileSync(golden('seeding.json'), 'utf8')) as {
  readonly cases: readonly SequenceCase[];
  readonly list_entropy: readonly (Words & {
    readonly entropy: readonly string[];
    readonly random: readonly number[];
  })[];
};

function text(words: Uint32Array | BigUint64Array): string[] {
  return Array.from(words as ArrayLike<number | bigint>, String);
}

for (const one of oracle.cases) {
  test(`seed ${one.seed}: pool and generated words`, () => {
    const sequence = new SeedSequence(BigInt(one.seed));
    assert.equal(text(sequence.pool), one.seed_sequence.pool);
    assert.equal(text(sequence.generateState(4)), one.seed_sequence.generate_state_u32_4);
    assert.equal(text(sequence.generateState(9)), one.seed_sequence.generate_state_u32_9);
    assert.equal(text(sequence.generateState64(4)), one.seed_sequence.generate_state_u64_4);
  });

  test(`seed ${one.seed}: children, one after another or by key`, () => {
    const root = new SeedSequence(BigInt(one.seed));
    const children = [...root.spawn(1), ...root.spawn(one.spawn.length - 1)];
    one.spawn.forEach((expected, i) => {
      const child = children[i]!;
      assert.equal(child.spawnKey, expected.spawn_key);
      assert.equal(text(child.generateState(4)), expected.generate_state_u32_4);
      assert.equal(text(child.generateState64(4)), expected.generate_state_u64_4);
      assert.equal(text(new SeedSequence(BigInt(one.seed), expected.spawn_key).pool), text(child.pool));
    });
    const grandchild = children[1]!.spawn(2)[1]!;
    assert.equal(grandchild.spawnKey, one.grandchild_1_1.spawn_key);
    assert.equal(text(grandchild.generateState(4)), one.grandchild_1_1.generate_state_u32_4);
  });
}

for (const list of oracle.list_entropy) {
  test(`entropy [${list.entropy.join(', ')}]`, () => {
    const sequence = new SeedSequence(list.entropy.map(BigInt));
    assert.equal(text(sequence.generateState(4)), list.generate_state_u32_4);
    const generator = Generator.fromSeedSequence(sequence);
    assert.equal(
      list.random.map(() => generator.random()),
      list.random,
    );
  });
}

test.run();
