/** Registers the built-in environments; each module is imported when its env is first built. */
import { register } from '../src/registration/registry.js';

const classic = [
  {
    id: 'CartPole-v1',
    entryPoint: 'gymkhana:envs/cartpole/cartpole.js:CartPoleEnv',
    vectorEntryPoint: 'gymkhana:envs/cartpole/cartpole-vector.js:CartPoleVectorEnv',
    maxEpisodeSteps: 500,
    rewardThreshold: 475,
  },
  {
    id: 'MountainCar-v0',
    entryPoint: 'gymkhana:envs/mountain-car/mountain-car.js:MountainCarEnv',
    maxEpisodeSteps: 200,
    rewardThreshold: -110,
  },
  {
    id: 'MountainCarContinuous-v0',
    entryPoint: 'gymkhana:envs/mountain-car-continuous/mountain-car-continuous.js:MountainCarContinuousEnv',
    maxEpisodeSteps: 999,
    rewardThreshold: 90,
  },
  { id: 'Pendulum-v1', entryPoint: 'gymkhana:envs/pendulum/pendulum.js:PendulumEnv', maxEpisodeSteps: 200 },
  {
    id: 'Acrobot-v1',
    entryPoint: 'gymkhana:envs/acrobot/acrobot.js:AcrobotEnv',
    maxEpisodeSteps: 500,
    rewardThreshold: -100,
  },
];
for (const env of classic) register(env);

const toyText = [
  {
    id: 'FrozenLake-v1',
    entryPoint: 'gymkhana:envs/frozen-lake/frozen-lake.js:FrozenLakeEnv',
    maxEpisodeSteps: 100,
    rewardThreshold: 0.7,
    kwargs: { mapName: '4x4' },
  },
  {
    id: 'FrozenLake8x8-v1',
    entryPoint: 'gymkhana:envs/frozen-lake/frozen-lake.js:FrozenLakeEnv',
    maxEpisodeSteps: 200,
    rewardThreshold: 0.85,
    kwargs: { mapName: '8x8' },
  },
  { id: 'CliffWalking-v1', entryPoint: 'gymkhana:envs/cliff-walking/cliff-walking.js:CliffWalkingEnv' },
  {
    id: 'CliffWalkingSlippery-v1',
    entryPoint: 'gymkhana:envs/cliff-walking/cliff-walking.js:CliffWalkingEnv',
    kwargs: { isSlippery: true },
  },
  { id: 'Taxi-v4', entryPoint: 'gymkhana:envs/taxi/taxi.js:TaxiEnv', maxEpisodeSteps: 200, rewardThreshold: 8 },
  {
    id: 'Blackjack-v1',
    entryPoint: 'gymkhana:envs/blackjack/blackjack.js:BlackjackEnv',
    kwargs: { sab: true, natural: false },
  },
];
for (const env of toyText) register(env);
const box2d = [
  {
    id: 'LunarLander-v3',
    entryPoint: 'gymkhana:envs/lunar-lander/lunar-lander.js:LunarLanderEnv',
    maxEpisodeSteps: 1000,
    rewardThreshold: 200,
  },
  {
    id: 'LunarLanderContinuous-v3',
    entryPoint: 'gymkhana:envs/lunar-lander/lunar-lander.js:LunarLanderEnv',
    maxEpisodeSteps: 1000,
    rewardThreshold: 200,
    kwargs: { continuous: true },
  },
  {
    id: 'BipedalWalker-v3',
    entryPoint: 'gymkhana:envs/bipedal-walker/bipedal-walker.js:BipedalWalkerEnv',
    maxEpisodeSteps: 1600,
    rewardThreshold: 300,
  },
  {
    id: 'BipedalWalkerHardcore-v3',
    entryPoint: 'gymkhana:envs/bipedal-walker/bipedal-walker.js:BipedalWalkerEnv',
    maxEpisodeSteps: 2000,
    rewardThreshold: 300,
    kwargs: { hardcore: true },
  },
  {
    id: 'CarRacing-v3',
    entryPoint: 'gymkhana:envs/car-racing/car-racing.js:CarRacingEnv',
    maxEpisodeSteps: 1000,
    rewardThreshold: 900,
  },
  {
    id: 'CarRacing-lidar-v3',
    entryPoint: 'gymkhana:envs/car-racing-lidar/car-racing-lidar.js:CarRacingLidarEnv',
    maxEpisodeSteps: 1000,
    rewardThreshold: 900,
  },
];
for (const env of box2d) register(env);

register({ id: 'Driving-v0', entryPoint: 'gymkhana:envs/driving/driving.js:DrivingEnv', maxEpisodeSteps: 1000 });
register({
  id: 'Driving-pixels-v0',
  entryPoint: 'gymkhana:envs/driving-pixels/driving-pixels.js:DrivingPixelsEnv',
  maxEpisodeSteps: 1000,
});
const memory = [
  {
    id: 'StatelessCartPole-v0',
    entryPoint: 'gymkhana:envs/stateless-cartpole/stateless-cartpole.js:StatelessCartPoleEnv',
    maxEpisodeSteps: 500,
    rewardThreshold: 475,
  },
  { id: 'MemoryChain-v0', entryPoint: 'gymkhana:envs/memory-chain/memory-chain.js:MemoryChainEnv' },
];
for (const env of memory) register(env);
