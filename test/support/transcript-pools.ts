export type Words = readonly string[];

/** Words that answers may have and nobody said. */
const OTHER_WORDS = (
  'the a of to in it was that his her with for as had but be not they on at by which you she all were when we ' +
  'there an your out more some about time has them would him into what know then only little good great day'
).split(' ');

/** Replaces, leaves out and adds words at a rate; a replaced word is another one or is spelled wrong. */
export function degraded(words: Words, rate: number, random: () => number): Words {
  return words.flatMap((word) => {
    if (random() >= rate) return [word];
    const kind = random();
    if (kind < 0.3) return [otherWord(random)];
    if (kind < 0.6) return [misspelled(word, random)];
    return kind < 0.8 ? [] : [word, otherWord(random)];
  });
}

export function garbage(length: number, random: () => number): Words {
  return Array.from({ length }, () => otherWord(random));
}

function otherWord(random: () => number): string {
  return OTHER_WORDS[Math.floor(random() * OTHER_WORDS.length)] ?? '';
}

function misspelled(word: string, random: () => number): string {
  const at = Math.floor(random() * word.length);
  return word.slice(0, at) + String.fromCharCode(97 + Math.floor(random() * 26)) + word.slice(at + 1);
}

/** Word error rate by the plain table, on plain words: nothing of the code under test. */
export function trueErrorRate(said: Words, heard: Words): number {
  let row = Array.from({ length: heard.length + 1 }, (_, index) => index);
  said.forEach((word, i) => {
    const next = [i + 1];
    heard.forEach((other, j) =>
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (word === other ? 0 : 1))),
    );
    row = next;
  });
  return row[heard.length]! / said.length;
}

/** In another order, so that places tell nothing. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
