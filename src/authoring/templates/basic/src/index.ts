import { register } from 'gymkhana';
import { TemplateEnv } from './template-env.js';

register({
  id: 'template-package/TemplateEnv-v0',
  entryPoint: TemplateEnv,
  moduleUrl: import.meta.url, // Tells worker threads what to import.
  maxEpisodeSteps: 200,
});

export { TemplateEnv };
