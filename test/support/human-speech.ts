import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/usr/share/pocketsphinx/test/data';

export interface HumanClip {
  readonly text: string;
  /** WAV, 16 kHz, one channel. */
  readonly audio: Uint8Array;
}

/** Clips of read sentences and of read cards with their words; none where pocketsphinx-testdata is not installed. */
export function humanClips(): readonly HumanClip[] {
  return [
    ...clips(join(FOLDER, 'librivox'), 'transcription'),
    ...clips(join(FOLDER, 'cards'), 'cards.transcription'),
  ];
}

/** The transcripts have lines such as `<s> ten of clubs </s> (001)`. */
function clips(folder: string, transcripts: string): readonly HumanClip[] {
  const path = join(folder, transcripts);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /<s>(.*)<\/s>\s*\((.*)\)/.exec(line);
      if (found === null) return [];
      const [, text = '', name = ''] = found;
      return [{ text: text.trim(), audio: readFileSync(join(folder, `${name}.wav`)) }];
    });
}
