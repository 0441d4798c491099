/// <reference lib="dom" />
/** The load of the machine: the last minutes as small lines, the present as text. */
import { byId, element, svgElement } from '../../viewer/page/elements.js';
import type { SystemLoad } from '../api.js';
import { bytes } from './format.js';

/** Events kept: four minutes at one every two seconds. */
const KEPT = 120;
/** Width of the picture in events, until there are more. */
const FEW = 30;
const WIDTH = 90;
const HEIGHT = 22;

interface Gauge {
  readonly value: HTMLElement;
  readonly line: SVGElement;
  readonly area: SVGElement;
  readonly picture: SVGElement;
  readonly shares: number[];
}

export class SystemPanel {
  readonly #root = byId('system');
  readonly #cpu = this.#gauge('CPU');
  readonly #memory = this.#gauge('Memory');
  readonly #disk = element('dd');

  constructor() {
    this.#root.append(element('div', 'gauge', element('dt', '', 'Disk free'), this.#disk));
  }

  show({ cpu, cores, memoryUsed, memoryTotal, diskFree }: SystemLoad): void {
    this.#root.hidden = false;
    const share = memoryTotal > 0 ? memoryUsed / memoryTotal : 0;
    update(this.#cpu, cpu, `${Math.round(100 * cpu)} % of ${cores}`);
    update(this.#memory, share, `${bytes(memoryUsed)} of ${bytes(memoryTotal)}`);
    this.#disk.textContent = diskFree === null ? '–' : bytes(diskFree);
  }

  #gauge(name: string): Gauge {
    const value = element('dd');
    const picture = svgElement('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
    picture.setAttribute('aria-label', `${name} over the last minutes`);
    const area = svgElement('path', { class: 'area', d: '' });
    const line = svgElement('path', { class: 'spark', d: '' });
    picture.append(area, line);
    this.#root.append(element('div', 'gauge', element('dt', '', name), value, picture as unknown as Node));
    return { value, line, area, picture, shares: [] };
  }
}

function update({ value, line, area, shares }: Gauge, share: number, text: string): void {
  value.textContent = text;
  shares.push(Math.min(1, Math.max(0, share)));
  if (shares.length > KEPT) shares.shift();
  const apart = WIDTH / (Math.max(FEW, shares.length) - 1);
  const x = (k: number): string => (WIDTH - (shares.length - 1 - k) * apart).toFixed(1);
  const path = shares.map(
    (each, k) => `${k === 0 ? 'M' : 'L'}${x(k)} ${(HEIGHT - 1 - each * (HEIGHT - 2)).toFixed(1)}`,
  );
  line.setAttribute('d', path.join(''));
  area.setAttribute('d', `${path.join('')}L${WIDTH} ${HEIGHT}L${x(0)} ${HEIGHT}Z`);
}
