/**
 * Observation and action types of known ids, so that `make('CartPole-v1')` infers them. A module that registers an env adds its
 * own by declaration merging: `declare module 'gymkhana' { interface EnvTypes { 'Mine-v0': { observation: ...; action: ... } } }`.
 */
export interface EnvTypes {
  'CartPole-v1': { observation: Float32Array; action: number };
  'MountainCar-v0': { observation: Float32Array; action: number };
  'Acrobot-v1': { observation: Float32Array; action: number };
  'MountainCarContinuous-v0': { observation: Float32Array; action: Float32Array };
  'Pendulum-v1': { observation: Float32Array; action: Float32Array };
  'FrozenLake-v1': { observation: number; action: number };
  'FrozenLake8x8-v1': { observation: number; action: number };
  'CliffWalking-v1': { observation: number; action: number };
  'CliffWalkingSlippery-v1': { observation: number; action: number };
  'Taxi-v4': { observation: number; action: number };
  'Blackjack-v1': { observation: number[]; action: number };
  'Driving-v0': { observation: Float32Array; action: Float32Array };
  'Driving-pixels-v0': { observation: Uint8Array; action: Float32Array };
  'StatelessCartPole-v0': { observation: Float32Array; action: number };
  'MemoryChain-v0': { observation: Float32Array; action: number };
}
