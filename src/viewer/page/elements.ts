/// <reference lib="dom" />
/** Small helpers of the page's script: elements from data (as text, never as markup) and numbers as text. */

/** An element with a class, and children that are elements or text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** An SVG element with attributes. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The element of the page with this id, which the page's markup has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`internal: the page has no #${id}`);
  return found as T;
}

/** A number in few characters: four significant digits, with a true minus sign. */
export function brief(value: number | undefined): string {
  if (value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  let text: string;
  if (Number.isInteger(value) && size < 1e7) text = String(value);
  else if (size >= 100_000 || size < 0.0005) text = value.toExponential(2);
  else text = value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
  return text.replace('-', '−');
}

/** `unit` after a value: none for a pure number, a factor for a scaled one such as `50 m`. */
export function unitText(unit: string): string {
  if (unit === '1' || unit === '') return '';
  return /^\d/.test(unit) ? ` × ${unit}` : ` ${unit}`;
}
