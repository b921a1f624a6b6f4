/** Power spectra of real signals of one length, a power of two. */
export class PowerSpectrum {
  readonly #size: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#cosines = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sines = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    this.#real = new Float64Array(size);
    this.#imaginary = new Float64Array(size);
  }

  /** Power at k / size of the sample rate, for k below half of the size. Overwritten by the next call. */
  of(frame: Float64Array): Float64Array {
    this.#real.fill(0);
    this.#imaginary.fill(0);
    this.#real.set(frame);
    this.#transform();
    for (let k = 0; k < this.#size / 2; k++)
      this.#real[k] = (this.#real[k] ?? 0) ** 2 + (this.#imaginary[k] ?? 0) ** 2;
    return this.#real.subarray(0, this.#size / 2);
  }

  #transform(): void {
    this.#reverseBits();
    for (let length = 2; length <= this.#size; length *= 2)
      for (let start = 0; start < this.#size; start += length) this.#butterflies(start, length);
  }

  #reverseBits(): void {
    const real = this.#real;
    for (let i = 1, j = 0; i < this.#size; i++) {
      let bit = this.#size >> 1;
      for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
      j ^= bit;
      // The imaginary part is all zero still.
      if (i < j) [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
    }
  }

  #butterflies(start: number, length: number): void {
    const re = this.#real;
    const im = this.#imaginary;
    const half = length / 2;
    const step = this.#size / length;
    for (let k = 0; k < half; k++) {
      const cosine = this.#cosines[k * step] ?? 0;
      const sine = this.#sines[k * step] ?? 0;
      const low = start + k;
      const high = low + half;
      const x = (re[high] ?? 0) * cosine - (im[high] ?? 0) * sine;
      const y = (re[high] ?? 0) * sine + (im[high] ?? 0) * cosine;
      re[high] = (re[low] ?? 0) - x;
      im[high] = (im[low] ?? 0) - y;
      re[low] = (re[low] ?? 0) + x;
      im[low] = (im[low] ?? 0) + y;
    }
  }
}
