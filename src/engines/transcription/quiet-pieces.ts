import { concat } from '../audio/pcm.js';

/** A piece is at least this long, and at most twice as long. */
const MIN_PIECE_SECONDS = 20;
/** A cut is made in the middle of the quietest stretch of this many steps. */
const GAP_STEPS = 10;
const STEP_SECONDS = 0.02;

/**
 * Cuts long speech as it comes, so that no word is cut: in each stretch of 20 to 40 s at its quietest. Only the piece
 * that is not whole yet is held.
 */
export class QuietPieces {
  readonly #minPiece: number;
  readonly #step: number;
  #held: Float32Array[] = [];
  #heldSamples = 0;

  /** @param onPiece gets the pieces in order, none of them empty */
  constructor(
    sampleRateHz: number,
    private readonly onPiece: (samples: Float32Array) => void,
  ) {
    this.#minPiece = MIN_PIECE_SECONDS * sampleRateHz;
    this.#step = Math.round(STEP_SECONDS * sampleRateHz);
  }

  push(block: Float32Array): void {
    this.#hold(block);
    while (this.#heldSamples > 2 * this.#minPiece) {
      const whole = concat(this.#held);
      const cut = this.#quietest(whole);
      this.#held = [];
      this.#heldSamples = 0;
      // A copy, so that what is cut off can be forgotten.
      this.#hold(whole.slice(cut));
      this.onPiece(whole.subarray(0, cut));
    }
  }

  /** The rest is a piece too. */
  end(): void {
    if (this.#heldSamples > 0) this.onPiece(concat(this.#held));
    this.#held = [];
    this.#heldSamples = 0;
  }

  #hold(block: Float32Array): void {
    this.#held.push(block);
    this.#heldSamples += block.length;
  }

  #quietest(samples: Float32Array): number {
    const energies: number[] = [];
    for (let start = this.#minPiece; start + this.#step <= 2 * this.#minPiece; start += this.#step) {
      let energy = 0;
      for (let at = start; at < start + this.#step; at++) energy += (samples[at] ?? 0) ** 2;
      energies.push(energy);
    }
    let best = { at: 0, energy: Infinity };
    for (let at = 0; at + GAP_STEPS <= energies.length; at++) {
      let energy = 0;
      for (let step = 0; step < GAP_STEPS; step++) energy += energies[at + step] ?? 0;
      if (energy < best.energy) best = { at, energy };
    }
    return this.#minPiece + (best.at + GAP_STEPS / 2) * this.#step;
  }
}
