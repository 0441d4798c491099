import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Box, type DType } from '../../src/spaces/index.js';
import { golden } from '../support/paths.js';

/** Written by Gymnasium 1.4.0 and numpy 2.4.6; `meta` in the file has the call. */
const oracle = JSON.parse(readFileSync(golden('space-reprs.json'), 'utf8')) as {
  readonly cases: readonly {
    readonly low: readonly (number | string)[];
    readonly high: readonly (number | string)[];
    readonly shape: readonly number[];
    readonly dtype: DType;
    readonly repr: string;
  }[];
};

for (const one of oracle.cases) {
  test(`repr: ${one.repr.slice(0, 60).replaceAll('\n', ' ')}`, () => {
    const box = new Box<DType>(one.low.map(Number), one.high.map(Number), { shape: one.shape, dtype: one.dtype });
    assert.is(box.toString(), one.repr);
  });
}

test.run();
