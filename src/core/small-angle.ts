/**
 * Sine and cosine of small angles: the polynomials that V8's `Math.sin` and `Math.cos` take below 0.3 rad (fdlibm's `__kernel_sin`
 * and `__kernel_cos`), with the same bits. As plain arithmetic they become part of the machine code around them, which a call of
 * `Math.sin` interrupts, and they have these bits in engines too whose `Math` has others.
 */

// Squares of the angles between which the polynomials hold: below, the sign of -0 would be lost.
const LEAST = 1e-300;
const MOST = 0.09;

/** The sine of `x` rad, `Math.sin(x)`; fast below 0.3. */
export function sin(x: number): number {
  const z = x * x;
  if (!(z > LEAST && z < MOST)) return Math.sin(x);
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x + z * x * (-0.16666666666666632 + z * r);
}

/** The cosine of `x` rad, `Math.cos(x)`; fast below 0.3. */
export function cos(x: number): number {
  const z = x * x;
  if (!(z < MOST)) return Math.cos(x);
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  return 1 - (0.5 * z - z * r);
}
