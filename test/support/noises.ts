import { seeded } from '../unit/score/seeded.js';

/** Of every sound that is made here. */
export const NOISE_RATE_HZ = 16_000;

/** Sounds that are no speech, by what they are. */
export function noises(seconds: number): Readonly<Record<string, Float32Array>> {
  const random = seeded(5);
  const gauss = (): number =>
    Array.from({ length: 6 }, random).reduce((sum, part) => sum + part - 0.5, 0) * 1.4;
  const pink = pinkFrom(gauss);
  const sound = (sample: (t: number, i: number) => number): Float32Array =>
    Float32Array.from({ length: Math.round(seconds * NOISE_RATE_HZ) }, (_, i) =>
      Math.max(-1, Math.min(1, sample(i / NOISE_RATE_HZ, i))),
    );
  const pulse = (t: number): number => 0.5 + 0.5 * sine(4, t);
  return {
    silence: sound(() => 0),
    'quiet noise': sound(() => 0.0005 * gauss()),
    'white noise': sound(() => 0.2 * gauss()),
    'pink noise': sound(() => 0.05 * pink()),
    'pulsing white noise': sound((t) => 0.2 * gauss() * pulse(t)),
    'pulsing pink noise': sound((t) => 0.05 * pink() * pulse(t)),
    'a tone': sound((t) => 0.5 * sine(440, t)),
    'a pulsing tone': sound((t) => 0.5 * sine(440, t) * pulse(t)),
    hum: sound((t) => 0.2 * sine(100, t) + 0.15 * sine(200, t) + 0.1 * sine(300, t)),
    clicks: sound((_, i) => (i % 4_000 < 20 ? 0.8 * gauss() : 0)),
    chords: sound(chord),
  };
}

function sine(hertz: number, t: number): number {
  return Math.sin(2 * Math.PI * hertz * t);
}

/** Two and a half struck triads a second. */
function chord(t: number): number {
  const count = Math.floor(t * 2.5);
  const root = [220, 262, 294, 330, 196, 247][(count * 5) % 6]!;
  const triad = sine(root, t) + sine(root * 1.26, t) + sine(root * 1.5, t);
  return 0.25 * Math.exp(-2 * (t * 2.5 - count)) * triad;
}

/** White noise through three first-order filters: 3 dB less each octave, near enough. */
function pinkFrom(white: () => number): () => number {
  let low = 0;
  let middle = 0;
  let high = 0;
  return () => {
    const sample = white();
    low = 0.99765 * low + sample * 0.099046;
    middle = 0.963 * middle + sample * 0.2965164;
    high = 0.57 * high + sample * 1.0526913;
    return low + middle + high + sample * 0.1848;
  };
}
