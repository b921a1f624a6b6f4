/** Bounds that the contract, the edge and the core share. Bytes unless the name says otherwise. */

/** Largest payload kept in the database and sent inside events; larger ones are content. */
export const MAX_INLINE_BYTES = 64 * 1024;
/** Largest payload that one request may carry inline. */
export const MAX_INLINE_REQUEST_BYTES = 1024 * 1024;
/** Largest gRPC message; the default of every gRPC library. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Chunk that uploads and downloads are cut into. */
export const CHUNK_BYTES = 256 * 1024;
/** Largest audio unless configured. */
export const DEFAULT_MAX_AUDIO_BYTES = 50 * 1024 * 1024;

/** Most bytes of a miner's reply; beyond it the question is broken off. Twenty minutes of 16-bit speech at 22 kHz. */
export const MAX_REPLY_BYTES = { audio: 64 * 1024 * 1024, text: 4 * 1024 * 1024 } as const;

/** Most characters in the segments of one transcript, so that its task fits into one message. */
export const MAX_SEGMENTS_LENGTH = 1024 * 1024;

/** Unicode code points. */
export const MAX_TTS_LENGTH = 10_000;
/** Unicode code points. */
export const MAX_SUMMARY_LENGTH = 50_000;
/** Unicode code points, counted without surrounding space, unless configured. */
export const DEFAULT_MIN_SUMMARY_LENGTH = 10;

export const DEFAULT_MAX_ATTEMPTS = 3;
/** Deliveries nobody confirmed after which a task fails. */
export const MAX_DELIVERIES = 20;
/** A lease from its last renewal. */
export const LEASE_MS = 20_000;
/** How often holders renew their leases. */
export const HEARTBEAT_MS = 5_000;
/** A lease under a hand-out, which cannot be renewed. */
export const HAND_OUT_LEASE_MS = 45_000;
/** Longest attempt unless configured. */
export const DEFAULT_MAX_RUN_MS = 3_600_000;
/** How long finished tasks with all that is theirs, request ids too, are kept from their end unless configured. */
export const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;
/** How long content to which no task refers is kept. */
export const ORPHAN_CONTENT_MS = 24 * 3_600_000;
/** Tasks of one owner and priority that are ranked at a time; the rest wait in the owner's line. */
export const RANKED_PER_LINE = 16;
/** Places of the queue that are told; counting further would cost more than a reader gains. */
export const MAX_PLACE = 1_000;
