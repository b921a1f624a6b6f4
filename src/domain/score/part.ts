import type { ScorePart } from '../task.js';

/** `value` held in [0, 1]; what is no number counts as 0. */
export function unit(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}

/** A part that could be measured. */
export type Measured = ScorePart & { readonly value: number };

export function part(name: string, value: number, explanation: string): Measured {
  return { name, value: unit(value), explanation };
}

/** A measure that could not be taken. */
export function unmeasured(name: string, explanation: string): ScorePart {
  return { name, explanation };
}

/** 1 up to `full`, 0 from `zero` on, straight between; `full` below `zero`. */
export function falling(value: number, full: number, zero: number): number {
  return unit((zero - value) / (zero - full));
}

/** `0.123` as `12 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
