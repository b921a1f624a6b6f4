/** What speech recognition wants. */
export const SPEECH_RATE_HZ = 16_000;
