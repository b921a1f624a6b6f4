const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINAL_ONES =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );
const SCALES: readonly (readonly [string, number])[] = [
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
];

/** What a word does to the number before it. */
interface NumberWord {
  readonly kind: 'ones' | 'tens' | 'hundred' | 'scale';
  readonly value: number;
  /** `th` of ordinals, `s` of decades; nothing of the number follows such a word. */
  readonly ending: '' | 'th' | 's';
}

const NUMBER_WORDS: ReadonlyMap<string, NumberWord> = new Map([
  ...ONES.map((word, value) => entry(word, { kind: 'ones', value, ending: '' })),
  ...ORDINAL_ONES.map((word, value) => entry(word, { kind: 'ones', value, ending: 'th' })),
  ...TENS.flatMap((word, index) => {
    const value = 10 * (index + 2);
    const stem = word.slice(0, -1);
    return [
      entry(word, { kind: 'tens', value, ending: '' }),
      entry(`${stem}ieth`, { kind: 'tens', value, ending: 'th' }),
      entry(`${stem}ies`, { kind: 'tens', value, ending: 's' }),
    ];
  }),
  entry('hundred', { kind: 'hundred', value: 100, ending: '' }),
  entry('hundredth', { kind: 'hundred', value: 100, ending: 'th' }),
  ...SCALES.flatMap(([word, value]) => [
    entry(word, { kind: 'scale', value, ending: '' }),
    entry(`${word}th`, { kind: 'scale', value, ending: 'th' }),
  ]),
]);

function entry(word: string, number: NumberWord): readonly [string, NumberWord] {
  return [word, number];
}

/**
 * Writes English numbers in digits: "twenty three" and "23" become 23, "nineteen eighty four" 19 84, "two hundred
 * and five" 205, "5 million" 5000000, "21st" 21 and th, "the nineties" 90 and s; "oh" beside a number is 0.
 *
 * @param words in lower case, without hyphens
 */
export function numbersInDigits(words: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < words.length;) {
    const reader = new NumberReader();
    const next = reader.read(words, at);
    if (next === at) {
      found.push(...suffixed(words[at] ?? ''));
      at += 1;
    } else {
      found.push(...reader.digits());
      at = next;
    }
  }
  return withZeros(found);
}

/** Reads one number by the grammar of English: what a word adds, and where the next number begins. */
class NumberReader {
  private total = 0;
  private group = 0;
  private last: NumberWord['kind'] | 'start' | 'figures' = 'start';
  private smallestScale = Infinity;
  private ending: NumberWord['ending'] = '';

  /** @returns the place behind the number; `from` when none begins there */
  read(words: readonly string[], from: number): number {
    let at = from;
    if (this.opens(words, at)) {
      this.group = Number(words[at]);
      this.last = 'figures';
      at += 1;
    } else if (words[at] === 'a' && this.multiplies(words[at + 1])) {
      this.group = 1;
      this.last = 'ones';
      at += 1;
    }
    while (this.ending === '') {
      const skipped = words[at] === 'and' && (this.last === 'hundred' || this.last === 'scale') ? 1 : 0;
      const word = NUMBER_WORDS.get(words[at + skipped] ?? '');
      if (word === undefined || (skipped === 1 && word.kind !== 'ones' && word.kind !== 'tens')) break;
      if (!this.take(word)) break;
      at += skipped + 1;
    }
    return at;
  }

  digits(): readonly string[] {
    const value = String(this.total + this.group);
    return this.ending === '' ? [value] : [value, this.ending];
  }

  /** Figures are a number of their own unless a word behind them multiplies them. */
  private opens(words: readonly string[], at: number): boolean {
    return /^[1-9][0-9]{0,2}$/.test(words[at] ?? '') && this.multiplies(words[at + 1]);
  }

  private multiplies(word: string | undefined): boolean {
    const kind = NUMBER_WORDS.get(word ?? '')?.kind;
    return kind === 'hundred' || kind === 'scale';
  }

  /** Whether the word belongs to this number. */
  private take({ kind, value, ending }: NumberWord): boolean {
    const after = this.last;
    if (!this.fits(kind, value)) return false;
    this.last = kind;
    this.ending = ending;
    if (kind === 'hundred') this.group *= value;
    else if (kind === 'scale') {
      this.total += this.group * value;
      this.group = 0;
      this.smallestScale = value;
    } else if (after === 'start') this.group = value;
    else this.group += value;
    return true;
  }

  private fits(kind: NumberWord['kind'], value: number): boolean {
    const after = this.last;
    switch (kind) {
      case 'ones':
        if (after === 'tens') return value >= 1 && value <= 9;
        return after === 'start' || ((after === 'hundred' || after === 'scale') && value > 0);
      case 'tens':
        return after === 'start' || after === 'hundred' || after === 'scale';
      case 'hundred':
        return this.group >= 1 && this.group <= 99 && after !== 'hundred';
      case 'scale':
        return this.group >= 1 && this.group <= 999_999 && value < this.smallestScale && after !== 'scale';
    }
  }
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^[0-9]+$/.test(word);
}

/** "21st", "3rd" and "1990s" as a number and its ending. */
function suffixed(word: string): readonly string[] {
  const [, number, ending] = /^([0-9]+)(st|nd|rd|th|s)$/.exec(word) ?? [];
  if (number === undefined || ending === undefined) return [word];
  return [number, ending === 's' ? 's' : 'th'];
}

/** "oh" and "o" beside a number are said for 0. */
function withZeros(words: readonly string[]): readonly string[] {
  const said = [...words];
  const turn = (at: number, beside: number): void => {
    if ((said[at] === 'oh' || said[at] === 'o') && isNumber(said[beside])) said[at] = '0';
  };
  for (let at = 0; at < said.length; at += 1) turn(at, at - 1);
  for (let at = said.length - 1; at >= 0; at -= 1) turn(at, at + 1);
  return said;
}

/**
 * Cuts numbers into digits, those side by side as one: what is said digit by digit, in pairs or as a whole number
 * is the same then. Three zeros at the end count as one, so that round numbers weigh no more than their words.
 */
export function digitByDigit(words: readonly string[]): readonly string[] {
  const units: string[] = [];
  let run = '';
  const close = (): void => {
    let head = run.length;
    while (head >= 3 && run.startsWith('000', head - 3)) head -= 3;
    for (const digit of run.slice(0, head)) units.push(digit);
    for (; head < run.length; head += 3) units.push('000');
    run = '';
  };
  for (const word of words) {
    if (isNumber(word)) {
      run += word;
      continue;
    }
    close();
    units.push(word);
  }
  close();
  return units;
}
