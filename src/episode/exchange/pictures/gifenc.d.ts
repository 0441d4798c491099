/** The part of gifenc 1.0 that is used; the package brings no types. */
declare module 'gifenc' {
  export type Palette = number[][];
  export interface GifStream {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette?: Palette; delay?: number; repeat?: number },
    ): void;
    finish(): void;
    /** What was written since the stream was last reset, without a copy. */
    bytesView(): Uint8Array;
    /** The bytes alone: the encoder's own `reset` would begin a new file. */
    readonly stream: { reset(): void };
  }
  const gifenc: {
    GIFEncoder(): GifStream;
    quantize(rgba: Uint8Array, colours: number): Palette;
    applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
  };
  export default gifenc;
}
