import type { Fields } from '../carriers/fields.js';

/** Kinds of work as the doors name them. */
export type Door = 'transcription' | 'speech' | 'summary';

/** What stands behind a door, and the names of OpenAI's models that mean it too. */
const MODELS: Readonly<Record<Door, { readonly id: string; readonly aliases: readonly string[] }>> = {
  transcription: {
    id: 'audio-subnet-transcribe',
    aliases: ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'],
  },
  speech: { id: 'audio-subnet-speak', aliases: ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts'] },
  // No alias: a program that asks a chat model something must not get a summary of its question.
  summary: { id: 'audio-subnet-summarize', aliases: [] },
};

/** Every name that is taken, our own first. */
export const MODEL_IDS: readonly string[] = [
  ...Object.values(MODELS).map(({ id }) => id),
  ...Object.values(MODELS).flatMap(({ aliases }) => aliases),
];

/** A model that there is not, or not behind this door. */
export class UnknownModel extends Error {
  override readonly name = 'UnknownModel';

  constructor(model: string, offered: readonly string[]) {
    super(`The model '${model}' does not exist here. Take one of: ${offered.join(', ')}`);
  }
}

/** The model that a request names for a door. @throws UnknownModel */
export function requiredModel(fields: Fields, door: Door): string {
  const model = fields.requiredText('model');
  fields.check();
  const { id, aliases } = MODELS[door];
  if (model === id || aliases.includes(model)) return model;
  throw new UnknownModel(model, [id, ...aliases]);
}
