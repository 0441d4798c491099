import { inflateRawSync } from 'node:zlib';
import type { PageData } from '../../src/viewer/page-data.js';

/** What the script of an episode page is given. */
export function pageDataOf(page: string): PageData {
  const packed = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)![1]!;
  return JSON.parse(inflateRawSync(Buffer.from(JSON.parse(packed) as string, 'base64')).toString()) as PageData;
}
