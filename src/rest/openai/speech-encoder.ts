/** What a spoken answer can be written as. */
export const SPEECH_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;
export type SpeechFormat = (typeof SPEECH_FORMATS)[number];

/** Rewrites the speech of miners in the format that a user wants. */
export interface SpeechEncoder {
  /** Those that can be written on this machine; `wav` and `pcm` always. */
  readonly formats: readonly SpeechFormat[];
  /** @throws Refusal ENGINE_FAILED, AUDIO_UNDECODABLE; the signal's reason */
  encode(audio: Uint8Array, format: SpeechFormat, signal: AbortSignal): Promise<Uint8Array>;
}

export const MEDIA_TYPES: Readonly<Record<SpeechFormat, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};
