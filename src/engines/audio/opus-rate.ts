/** Opus counts at this rate, whatever rate was recorded. */
export const OPUS_RATE_HZ = 48_000;
