import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { frameSteps } from '../../../src/episode/exchange/pictures/frames.js';
import { drawLabel } from '../../../src/episode/exchange/pictures/label.js';
import { wholeRate } from '../../../src/episode/exchange/pictures/mp4.js';
import { Painter } from '../../../src/episode/exchange/pictures/painter.js';
import { exportEpisodes, recordEpisodes } from '../../../src/episode/index.js';
import { findChromium } from '../../support/chromium.js';
import { skipped } from '../../support/skip.js';
import { inFolder, makeProbe, probeSpec, refusal } from '../support.js';

async function record(folder: string, length = 12): Promise<string> {
  const path = join(folder, 'a.episode');
  const env = await makeProbe({ length });
  await recordEpisodes({ env, spec: probeSpec({ length }), policy: () => 1, episodes: 2, seeds: (i) => i, path });
  env.close();
  return path;
}

/** Size, delays (ms) and number of frames of a GIF, by its blocks. Source: GIF89a specification. */
function gifBlocks(bytes: Buffer): { width: number; height: number; delays: number[]; frames: number } {
  assert.is(bytes.toString('latin1', 0, 6), 'GIF89a');
  const [width, height, flags] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8), bytes[10]!];
  const table = (packed: number): number => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  let at = 13 + table(flags);
  const delays: number[] = [];
  let frames = 0;
  const skip = (): void => {
    while (bytes[at] !== 0) at += bytes[at]! + 1;
    at++;
  };
  for (;;) {
    const kind = bytes[at++];
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      if (bytes[at] === 0xf9) delays.push(10 * bytes.readUInt16LE(at + 3));
      at++;
      skip();
    } else if (kind === 0x2c) {
      assert.equal([bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 6)], [width, height]);
      const packed = bytes[at + 8]!;
      at += 9 + table(packed) + 1;
      skip();
      frames++;
    } else {
      throw new Error(`block ${kind} at ${at}`);
    }
  }
  assert.is(at, bytes.length);
  return { width, height, delays, frames };
}

/** Boxes of an MP4 by their path, such as `moov/trak/mdia/minf/stbl/stsz`. */
function boxes(bytes: Buffer, prefix = ''): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const name = `${prefix}${bytes.toString('latin1', at + 4, at + 8)}`;
    const body = bytes.subarray(at + 8, at + size);
    found.set(name, body);
    if (/(^|\/)(moov|trak|mdia|minf|stbl)$/.test(name))
      for (const [key, value] of boxes(body, `${name}/`)) found.set(key, value);
    at += size;
  }
  return found;
}

test('the frames of a sheet are spread evenly, those of a film come every so often; the last is always there', () => {
  const cases: [number, number, number | null, number[]][] = [
    [10, 1, 3, [0, 5, 10]],
    [10, 1, 1, [10]],
    [2, 1, 20, [0, 1, 2]],
    [0, 1, 20, [0]],
    [7, 3, null, [0, 3, 6, 7]],
    [6, 3, null, [0, 3, 6]],
    [0, 5, null, [0]],
  ];
  for (const [steps, every, frames, expected] of cases) assert.equal(frameSteps(steps, { every, frames }), expected);
});

test('a rate that is not whole becomes one with repeated frames', () => {
  const cases: [number, number, number][] = [
    [50, 50, 1],
    [12.5, 25, 2],
    [0.5, 1, 2],
    [29.97, 30, 1],
    [1000, 240, 1],
    [0.001, 1, 1],
  ];
  for (const [fps, rate, times] of cases) assert.equal(wholeRate(fps), { rate, times });
});

test('a GIF has a frame a step, of the size and pace asked for', () =>
  inFolder(async (folder) => {
    const path = await record(folder);
    const { path: out, frames, steps, bytes } = await exportEpisodes(path, { format: 'gif', width: 120 });
    const gif = readFileSync(out);
    assert.is(bytes, gif.length);
    assert.equal([frames, steps], [13, 12]);
    assert.equal(gifBlocks(gif), { width: 120, height: 80, frames: 13, delays: Array(13).fill(50) });
    const every = await exportEpisodes(path, {
      format: 'gif',
      width: 120,
      every: 5,
      episodes: [1],
      out: join(folder, 'b.gif'),
    });
    assert.is(every.frames, 4);
    assert.equal(gifBlocks(readFileSync(every.path)).delays, Array(4).fill(250));
    const slow = await exportEpisodes(path, { format: 'gif', width: 120, every: 6, fps: 2 });
    assert.equal(gifBlocks(readFileSync(slow.path)).delays, Array(3).fill(500));
  }));

test('an MP4 has its frames as H.264 samples', () =>
  inFolder(async (folder) => {
    const path = await record(folder);
    const { path: out, frames } = await exportEpisodes(path, { format: 'mp4', width: 120, episodes: [0, 1] });
    const parts = boxes(readFileSync(out));
    assert.is(frames, 26);
    const table = 'moov/trak/mdia/minf/stbl/';
    assert.is(parts.get(`${table}stsz`)!.readUInt32BE(8), 26);
    assert.ok(parts.get(`${table}stsd`)!.includes('avc1'));
    const timescale = parts.get('moov/trak/mdia/mdhd')!.readUInt32BE(12);
    const delta = parts.get(`${table}stts`)!.readUInt32BE(12);
    assert.is(timescale / delta, 20);
  }));

const browser = findChromium();
if (browser === null) skipped('a browser plays the MP4', 'no chromium found');
else {
  test('a browser plays the MP4, or says that it has no H.264', () =>
    inFolder(async (folder) => {
      const path = await record(folder);
      const { path: out } = await exportEpisodes(path, { format: 'mp4', width: 120 });
      const running = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] });
      try {
        const page = await running.newPage();
        const film = `data:video/mp4;base64,${readFileSync(out).toString('base64')}`;
        const seen = await page.evaluate(async (source) => {
          const scope = globalThis as unknown as { document: { createElement(name: string): Record<string, unknown> } };
          const video = scope.document.createElement('video') as unknown as {
            canPlayType(type: string): string;
            src: string;
            onloadeddata: () => void;
            onerror: () => void;
            duration: number;
            videoWidth: number;
            videoHeight: number;
          };
          if (video.canPlayType('video/mp4; codecs="avc1.42E01E"') === '') return null;
          return await new Promise<readonly number[]>((resolve, reject) => {
            video.onloadeddata = () => resolve([video.videoWidth, video.videoHeight, video.duration]);
            video.onerror = () => reject(new Error('the browser refuses the film'));
            video.src = source;
          });
        }, film);
        if (seen === null) skipped('a browser plays the MP4', 'this chromium has no H.264');
        else {
          assert.equal(seen.slice(0, 2), [120, 80]);
          assert.ok(Math.abs(seen[2]! - 13 / 20) < 0.06, String(seen[2]));
        }
      } finally {
        await running.close();
      }
    }));
}

test('a sheet shows the chosen frames, each with a label', () =>
  inFolder(async (folder) => {
    const path = await record(folder);
    const { path: out, frames } = await exportEpisodes(path, { format: 'png', width: 60, frames: 4 });
    assert.is(frames, 4);
    const { width, height, data, channels } = decode(readFileSync(out));
    // Two by two frames of 60 x 40, 24 pixels of label, gaps of 8.
    assert.equal([width, height, channels], [2 * 68 + 8, 2 * 72 + 8, 4]);
    const at = (x: number, y: number): number[] =>
      Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3));
    assert.equal(at(2, 2), [255, 255, 255]);
    // The background of the scene, in the lower left corner of each frame.
    for (const [x, y] of [
      [9, 8 + 24 + 38],
      [77, 8 + 24 + 38],
      [9, 80 + 24 + 38],
      [77, 80 + 24 + 38],
    ] as const) {
      assert.equal(at(x, y), [0xf3, 0xf0, 0xe8]);
    }
    let dark = 0;
    for (let x = 8; x < 68; x++) for (let y = 8; y < 32; y++) if (at(x, y)[0] === 34) dark++;
    assert.ok(dark > 100, String(dark));
  }));

test('a label draws the glyphs of its characters, clipped at the edge', () => {
  const picture = { width: 9, height: 12, rgba: new Uint8Array(9 * 12 * 4).fill(255) };
  drawLabel(picture, '1 step', 0, 0, 1);
  const rows = Array.from({ length: 9 }, (_, y) =>
    Array.from({ length: 7 }, (_, x) => (picture.rgba[4 * ((y + 2) * 9 + x + 2)] === 34 ? '#' : '.')).join(''),
  );
  assert.equal(rows, [
    '..#....',
    '.##....',
    '..#....',
    '..#....',
    '..#....',
    '..#....',
    '.###...',
    '.......',
    '.......',
  ]);
});

test('pixels are painted as they are, padded to even sides; later pictures take the size of the first', async () => {
  const painter = await Painter.create('png', 100, [3, 5, 3]);
  const pixels = Uint8Array.from({ length: 45 }, (_, i) => i);
  const { width, height, rgba } = painter.paint(pixels);
  assert.equal([width, height], [6, 4]);
  assert.equal([...rgba.subarray(0, 8)], [0, 1, 2, 255, 3, 4, 5, 255]);
  assert.equal([...rgba.subarray(4 * 6, 4 * 7)], [15, 16, 17, 255]);
  assert.equal([...rgba.subarray(4 * 5, 4 * 6)], [0, 1, 2, 255]);
  const square = painter.paint(new Uint8Array(10 * 10 * 3).fill(9));
  assert.equal([square.width, square.height, square.rgba.length], [6, 4, 96]);
  assert.is((await refusal(() => painter.paint(new Uint8Array(7)))).code, 'EXPORT_UNSUPPORTED');
  assert.is((await refusal(() => painter.paint({ items: 3 }))).code, 'INVALID_SCENE');
  for (const wrong of [0, 8, 1.5, Number.NaN, 1e6]) {
    assert.is((await refusal(() => Painter.create('png', wrong, null))).code, 'INVALID_OPTION');
  }
});

test('an env whose picture fails leaves no film behind, and the next film is fine', () =>
  inFolder(async (folder) => {
    const path = await record(folder);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 60));
    // Episode 1 was cut off: asked for, it is missing after the first one was filmed.
    const error = await refusal(() => exportEpisodes(path, { format: 'mp4', width: 60, episodes: [0, 1] }));
    assert.is(error.code, 'EPISODE_NOT_FOUND');
    const { frames } = await exportEpisodes(path, { format: 'mp4', width: 60, episodes: [0] });
    assert.is(frames, 13);
  }));

test.run();
