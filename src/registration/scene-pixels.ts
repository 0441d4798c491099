/** The render mode `rgb_array` of envs that draw scenes. */
import type { Env } from '../core/env.js';
import { failure } from '../core/errors.js';
import { Pixels } from '../core/pixels.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { loadRasterizer, type Rasterizer, rasterize } from '../render/raster.js';
import type { Scene } from '../render/scene.js';

/** Paints an env's scenes: `render()` gives `Pixels`, 640 wide. It draws nothing from the env's generators and keeps no state. */
export class ScenePixels<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #rasterizer: Rasterizer;

  private constructor(env: Env<Obs, Act>, rasterizer: Rasterizer) {
    super(env, {});
    this.#rasterizer = rasterizer;
  }

  /** @throws `RENDER_UNAVAILABLE` where `@resvg/resvg-js` cannot be loaded, with the reason. */
  static async around<Obs, Act>(env: Env<Obs, Act>): Promise<ScenePixels<Obs, Act>> {
    try {
      return new ScenePixels(env, await loadRasterizer());
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw failure(
        'RENDER_UNAVAILABLE',
        `renderMode 'rgb_array' needs the package @resvg/resvg-js, which could not be loaded (${reason}). Install it: npm install --ignore-scripts @resvg/resvg-js; or render 'scene'.`,
        { field: 'renderMode', got: 'rgb_array' },
        cause,
      );
    }
  }

  /** @throws what the env's own `render` throws; `INVALID_SCENE`. */
  override render(): Pixels {
    const { width, height, rgba } = rasterize(this.#rasterizer, this.env.render() as Scene);
    const pixels = new Pixels(height, width);
    for (let i = 0, k = 0; k < pixels.length; i += 4, k += 3) {
      pixels[k] = rgba[i]!;
      pixels[k + 1] = rgba[i + 1]!;
      pixels[k + 2] = rgba[i + 2]!;
    }
    return pixels;
  }
}
