/** Units of one text are compared this many at a time when both texts are longer; see `editDistance`. */
const CHUNK = 1024;

/** Texts as sequences of small numbers: equal units have equal numbers, across all of the texts. */
export interface Encoded {
  readonly texts: readonly Int32Array[];
  /** How many different units there are. */
  readonly symbols: number;
}

export function encode(texts: readonly (readonly string[])[]): Encoded {
  const numbers = new Map<string, number>();
  const encoded = texts.map((units) =>
    Int32Array.from(units, (unit) => {
      const known = numbers.get(unit);
      if (known !== undefined) return known;
      numbers.set(unit, numbers.size);
      return numbers.size - 1;
    }),
  );
  return { texts: encoded, symbols: numbers.size };
}

/**
 * Fewest insertions, deletions and replacements of units that turn one text into the other.
 *
 * Bit-parallel (Myers 1999, in blocks after Hyyrö 2003): 32 cells of the table a step. Exact when the shorter text
 * has up to 1,024 units after what both begin and end with is left out. Beyond, the shorter one is laid against the
 * longer one piece by piece, each ending where it fits best; what comes out is then never too small and, on texts
 * that say the same, a few units too large. So no pair costs more than 3 · 1,024 / 32 = 96 steps per unit of the
 * longer text: 256 KiB of single letters against as many take about 20 million steps, tens of milliseconds.
 *
 * @param symbols above every number in the texts
 */
export function editDistance(one: Int32Array, other: Int32Array, symbols: number): number {
  const [short, long] = trimmed(one.length <= other.length ? [one, other] : [other, one]);
  const matcher = new Matcher(symbols);
  let edits = 0;
  let from = 0;
  for (let start = 0; start < short.length; start += CHUNK) {
    const piece = short.subarray(start, start + CHUNK);
    const isLast = start + CHUNK >= short.length;
    const row = matcher.lastRow(piece, long.subarray(from, isLast ? long.length : from + 2 * CHUNK));
    const end = isLast ? row.length - 1 : bestEnd(row);
    edits += row[end] ?? 0;
    from += end;
  }
  return edits + (short.length === 0 ? long.length : 0);
}

/** Without what both begin and end with, which costs nothing. */
function trimmed([short, long]: readonly [Int32Array, Int32Array]): readonly [Int32Array, Int32Array] {
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  let end = 0;
  const rest = short.length - start;
  while (end < rest && short[short.length - 1 - end] === long[long.length - 1 - end]) end += 1;
  return [short.subarray(start, short.length - end), long.subarray(start, long.length - end)];
}

/** Where the fewest edits end; of equal ends the one nearest to the piece's own length. */
function bestEnd(row: Int32Array): number {
  let best = Math.min(CHUNK, row.length - 1);
  for (let end = 0; end < row.length; end += 1) {
    const gain = (row[best] ?? 0) - (row[end] ?? 0);
    if (gain > 0 || (gain === 0 && Math.abs(end - CHUNK) < Math.abs(best - CHUNK))) best = end;
  }
  return best;
}

class Matcher {
  /** For each symbol the places where the 32 units of the pattern at hand have it, one bit a place. */
  private readonly places: Int32Array;

  constructor(symbols: number) {
    this.places = new Int32Array(symbols);
  }

  /** The edits between the pattern and each beginning of the text, from none of it to the whole. */
  lastRow(pattern: Int32Array, text: Int32Array): Int32Array {
    const rises = new Uint8Array(text.length).fill(1);
    const falls = new Uint8Array(text.length);
    for (let start = 0; start < pattern.length; start += 32)
      this.block(pattern.subarray(start, start + 32), text, { rises, falls });
    const row = new Int32Array(text.length + 1);
    row[0] = pattern.length;
    for (let at = 0; at < text.length; at += 1)
      row[at + 1] = (row[at] ?? 0) + (rises[at] ?? 0) - (falls[at] ?? 0);
    return row;
  }

  /** Takes the differences along the row above up to 32 units of the pattern to those along the row below them. */
  private block(
    pattern: Int32Array,
    text: Int32Array,
    { rises, falls }: { readonly rises: Uint8Array; readonly falls: Uint8Array },
  ): void {
    const { places } = this;
    const last = pattern.length - 1;
    pattern.forEach((symbol, place) => (places[symbol] = (places[symbol] ?? 0) | (1 << place)));
    let up = -1;
    let down = 0;
    for (let at = 0; at < text.length; at += 1) {
      const fall = falls[at] ?? 0;
      const same = places[text[at] ?? 0] ?? 0;
      const vertical = same | down;
      const matched = same | fall;
      const horizontal = (((matched & up) + up) ^ up) | matched;
      const rising = down | ~(horizontal | up);
      const falling = up & horizontal;
      const shiftedRise = (rising << 1) | (rises[at] ?? 0);
      const shiftedFall = (falling << 1) | fall;
      rises[at] = (rising >>> last) & 1;
      falls[at] = (falling >>> last) & 1;
      up = shiftedFall | ~(vertical | shiftedRise);
      down = shiftedRise & vertical;
    }
    pattern.forEach((symbol) => (places[symbol] = 0));
  }
}
