import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/usr/share/pocketsphinx/test/data';

/** Human speech with the words that are spoken in it, and what pocketsphinx heard when the data was made. */
export interface Clip {
  readonly id: string;
  /** 16 kHz, 16 bit, mono WAV. */
  readonly path: string;
  readonly audioMs: number;
  readonly words: readonly string[];
  readonly heardBefore: readonly string[];
}

/** The read sentences and the playing cards of Debian's pocketsphinx-testdata; or why there are none. */
export function findClips(): readonly Clip[] | string {
  const sets = [
    { folder: join(FOLDER, 'librivox'), words: 'transcription', heard: 'test-lm.match' },
    { folder: join(FOLDER, 'cards'), words: 'cards.transcription', heard: 'cards.hyp' },
  ];
  if (!sets.every(({ folder }) => existsSync(folder)))
    return 'no speech: install the Debian package pocketsphinx-testdata';
  return sets.flatMap(({ folder, words, heard }) => {
    const heardBefore = linesOf(join(folder, heard));
    return [...linesOf(join(folder, words))].map(([id, said]) => {
      const path = join(folder, `${id}.wav`);
      const audioMs = (statSync(path).size - 44) / 32;
      return { id, path, audioMs, words: said, heardBefore: heardBefore.get(id) ?? [] };
    });
  });
}

/** `<s> words </s> (id)` or `words (id score)`, one a line. */
function linesOf(path: string): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(path, 'utf8').matchAll(/^(?:<s>)?(.*?)(?:<\/s>)?\s*\(([^\s)]+)[^)]*\)$/gm);
  return new Map(
    Array.from(lines, ([, said = '', id = '']) => [id, said.split(' ').filter((word) => word !== '')]),
  );
}
