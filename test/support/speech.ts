import { existsSync, readFileSync } from 'node:fs';

const FOLDER = '/usr/share/pocketsphinx/test/data/librivox';
const CLIP = 'sense_and_sensibility_01_austen_64kb-0890';

/** A clip of human speech with its words, or why there is none. */
export function findSpeech(): { readonly audio: Buffer; readonly words: readonly string[] } | string {
  const path = `${FOLDER}/${CLIP}.wav`;
  if (!existsSync(path)) return 'no speech: install the Debian package pocketsphinx-testdata';
  const transcripts = readFileSync(`${FOLDER}/transcription`, 'utf8').split('\n');
  const line = transcripts.find((text) => text.includes(`(${CLIP})`)) ?? '';
  const words =
    line
      .replace(/\(.*\)|<\/?s>/g, ' ')
      .toLowerCase()
      .match(/[a-z']+/g) ?? [];
  return { audio: readFileSync(path), words };
}
