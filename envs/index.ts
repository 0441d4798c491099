/** Registers the built-in environments; each module is imported when its env is first built. */
import { register } from '../src/registration/registry.js';

const classic = [
  {
    id: 'CartPole-v1',
    entryPoint: 'gymkhana:envs/cartpole/cartpole.js:CartPoleEnv',
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
register({ id: 'Driving-v0', entryPoint: 'gymkhana:envs/driving/driving.js:DrivingEnv', maxEpisodeSteps: 1000 });
