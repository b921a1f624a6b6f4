import { readFileSync } from 'node:fs';
import { findClips } from './spoken-clips.js';

const CLIP = 'sense_and_sensibility_01_austen_64kb-0890';

/** A clip of human speech with its words, or why there is none. */
export function findSpeech(): { readonly audio: Buffer; readonly words: readonly string[] } | string {
  const clips = findClips();
  if (typeof clips === 'string') return clips;
  const clip = clips.find(({ id }) => id === CLIP);
  return clip === undefined ? `no clip ${CLIP}` : { audio: readFileSync(clip.path), words: clip.words };
}
