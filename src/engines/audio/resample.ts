import { concat } from './pcm.js';

/** Zero crossings of the sinc on each side. */
const CROSSINGS = 16;
/** Pass band as a part of the smaller rate's; the rest is the slope of the filter. */
const PASS = 0.92;
/** Filters kept; rates with more distinct phases use the nearest (below -60 dB of error). */
const MAX_PHASES = 1_024;

/** Changes the sample rate of one channel, block by block, with a windowed sinc. */
export class Resampler {
  /** Output n stands at input n * #stepIn / #stepOut. */
  readonly #stepIn: number;
  readonly #stepOut: number;
  readonly #phases: number;
  readonly #filters: readonly Float32Array[];
  /** Taps on each side. */
  readonly #reach: number;
  #held: Float32Array;
  /** Input position of the first held sample. */
  #heldAt: number;
  #inputs = 0;
  #outputs = 0;

  constructor(fromHz: number, toHz: number) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#stepIn = fromHz / divisor;
    this.#stepOut = toHz / divisor;
    this.#phases = Math.min(this.#stepOut, MAX_PHASES);
    const cutoff = Math.min(1, toHz / fromHz) * PASS;
    this.#reach = Math.ceil(CROSSINGS / cutoff);
    this.#filters =
      fromHz === toHz
        ? []
        : Array.from({ length: this.#phases }, (_, p) => this.#filter(p / this.#phases, cutoff));
    this.#held = new Float32Array(this.#reach);
    this.#heldAt = -this.#reach;
  }

  /** The output that a further block of input completes. */
  push(block: Float32Array): Float32Array {
    if (this.#filters.length === 0) return block;
    this.#inputs += block.length;
    return this.#advance(block);
  }

  /** The rest of the output. Nothing may be pushed after it. */
  flush(): Float32Array {
    if (this.#filters.length === 0) return new Float32Array(0);
    const rest = Math.round((this.#inputs * this.#stepOut) / this.#stepIn) - this.#outputs;
    return this.#advance(new Float32Array(2 * this.#reach + 2)).subarray(0, Math.max(0, rest));
  }

  #advance(block: Float32Array): Float32Array {
    this.#held = concat([this.#held, block]);
    const end = this.#heldAt + this.#held.length;
    const outputs = new Float32Array(Math.ceil((this.#held.length * this.#stepOut) / this.#stepIn) + 1);
    let count = 0;
    for (;;) {
      const { index, phase } = this.#position(this.#outputs);
      if (index + this.#reach >= end) break;
      outputs[count++] = this.#sample(index - this.#heldAt, phase);
      this.#outputs++;
    }
    const drop = Math.max(0, this.#position(this.#outputs).index - this.#reach - this.#heldAt);
    this.#held = this.#held.slice(drop);
    this.#heldAt += drop;
    return outputs.subarray(0, count);
  }

  #position(output: number): { index: number; phase: number } {
    const at = output * this.#stepIn;
    const index = Math.floor(at / this.#stepOut);
    const phase = Math.round(((at % this.#stepOut) / this.#stepOut) * this.#phases);
    return phase === this.#phases ? { index: index + 1, phase: 0 } : { index, phase };
  }

  #sample(center: number, phase: number): number {
    const filter = this.#filters[phase] ?? new Float32Array(0);
    const start = center - this.#reach + 1;
    let sum = 0;
    for (let k = 0; k < filter.length; k++) sum += (this.#held[start + k] ?? 0) * (filter[k] ?? 0);
    return sum;
  }

  /** Taps for inputs index - reach + 1 to index + reach, of sum 1, with a Blackman window. */
  #filter(fraction: number, cutoff: number): Float32Array {
    const taps = Float32Array.from({ length: 2 * this.#reach }, (_, k) => {
      const distance = k - this.#reach + 1 - fraction;
      const x = (Math.PI * distance) / this.#reach;
      const window =
        Math.abs(distance) >= this.#reach ? 0 : 0.42 + 0.5 * Math.cos(x) + 0.08 * Math.cos(2 * x);
      return window * sinc(distance * cutoff);
    });
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return taps.map((tap) => tap / sum);
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
