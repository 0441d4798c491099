/** Outlines that several envs draw, as flat point lists `[x0, y0, x1, y1, ...]` in world units. */

/** An axis-aligned rectangle. */
export function rectangle(x0: number, y0: number, x1: number, y1: number): number[] {
  return [x0, y0, x1, y0, x1, y1, x0, y1];
}

/** Points on an arc round `(x, y)`, from angle `from` to `to` (rad), both ends included. */
export function arc(x: number, y: number, radius: number, from: number, to: number, segments = 24): number[] {
  const points: number[] = [];
  for (let k = 0; k <= segments; k++) {
    const angle = from + ((to - from) * k) / segments;
    points.push(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  return points;
}

/** A bar with round ends from the origin to `(0, length)`, which tapers from `radius` to `endRadius`. */
export function capsule(length: number, radius: number, endRadius = radius): number[] {
  return [...arc(0, 0, radius, Math.PI, 2 * Math.PI, 12), ...arc(0, length, endRadius, 0, Math.PI, 12)];
}

/** A rectangle with round corners. */
export function roundedRectangle(x0: number, y0: number, x1: number, y1: number, radius: number): number[] {
  const quarter = Math.PI / 2;
  return [
    ...arc(x1 - radius, y1 - radius, radius, 0, quarter, 6),
    ...arc(x0 + radius, y1 - radius, radius, quarter, 2 * quarter, 6),
    ...arc(x0 + radius, y0 + radius, radius, 2 * quarter, 3 * quarter, 6),
    ...arc(x1 - radius, y0 + radius, radius, 3 * quarter, 4 * quarter, 6),
  ];
}
