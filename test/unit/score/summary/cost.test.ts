import { expect } from 'chai';
import { seeded } from '../seeded.js';
import { judge } from './judged.js';

describe('the cost of judging a summary', () => {
  /** 256 KiB in the most of each thing that is looked for. */
  const random = seeded(2);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const words = Array.from({ length: 2000 }, (_, index) => `w${index.toString(36)}x`);
  const fill = (next: () => string, bytes: number) => {
    let text = '';
    while (text.length < bytes) text += next();
    return text;
  };
  const sources: Readonly<Record<string, (() => string) | readonly [() => string, () => string]>> = {
    'one word': () => 'a ',
    'few words': () => `${pick(words.slice(0, 50))} `,
    'many words': () => `${pick(words)}${pick([' ', ' ', ' ', '. '])}`,
    numbers: () => `${Math.floor(random() * 50)} ${pick(words)} `,
    names: () => `x ${pick(words).toUpperCase()} `,
    marks: () => '.! ',
    'one pair in other words': [() => 'x y word. z. ', () => 'z x y other. '],
    ideographs: () => String.fromCharCode(0x4e00 + Math.floor(random() * 500)),
  };

  for (const [name, made] of Object.entries(sources))
    it(`grows with the length of the texts, not with its square: ${name}`, () => {
      const time = (bytes: number) => {
        const [ofSource, ofSummary] = typeof made === 'function' ? [made, made] : made;
        const source = fill(ofSource, bytes);
        const summary = fill(ofSummary, bytes * 0.45);
        const start = process.cpuUsage();
        judge({ source, summary });
        const { user, system } = process.cpuUsage(start);
        return user + system;
      };
      time(16 * 1024);
      // Sixteen times the text takes about sixteen times as long, with the square it would be 256 times.
      expect(time(256 * 1024)).to.be.below(120 * Math.max(2000, time(16 * 1024)));
    });
});
