/**
 * NumPy's float32 sine and cosine (`simd_sincos_f32`): Cody-Waite reduction and a minimax polynomial, good to 1.5 ulp. The
 * original env observes its float32 starting state through them, so its first observation of an episode is theirs too.
 */
const f32 = Math.fround;
/** pi / 2 in three parts. */
const PI_HALF = [-1.570796012878418, -3.1391647326017846e-7, -5.390302529957765e-15] as const;
const COS = [2.4372266125283204e-5, -0.001388652017340064, 0.04166661947965622] as const;
const SIN = [2.8404097065504175e-6, -0.00019856491417158395, 0.008333397097885609, -0.1666666716337204] as const;

/** `[sin x, cos x]` of a float32 angle in radians, |x| below 1e4. */
export function sinCosFloat32(x: number): [number, number] {
  const quadrant = Math.round(f32(x * f32(2 / Math.PI)));
  let r = x;
  for (const part of PI_HALF) r = f32(quadrant * part + r);
  const square = f32(r * r);
  let cos = f32(COS[0] * square + COS[1]);
  cos = f32(cos * square + COS[2]);
  cos = f32(cos * square - 0.5);
  cos = f32(cos * square + 1);
  let sin = f32(SIN[0] * square + SIN[1]);
  sin = f32(sin * square + SIN[2]);
  sin = f32(sin * square + SIN[3]);
  sin = f32(f32(sin * square) * r + r);
  const turn = ((quadrant % 4) + 4) % 4;
  if (turn === 0) return [sin, cos];
  if (turn === 1) return [cos, -sin];
  if (turn === 2) return [-sin, -cos];
  return [-cos, sin];
}
