import type { ReplyTimes } from '../domain/score/speed.js';
import type { Reply } from './asking.js';
import { textOf } from './usable-reply.js';

/** A reply in words, with whose it is and how long it took. */
export function asText(reply: Reply): ReplyTimes & { readonly hotkey: string; readonly text: string } {
  return { ...timesOf(reply), hotkey: reply.miner.hotkey, text: textOf(reply.reply.output) ?? '' };
}

/** What the miner's words were worth so far, for when they are not listened to. */
export function wordsRecordOf({ miner }: Reply): { readonly wordsRecord?: number } {
  const record = miner.rating?.parts['words'];
  return record === undefined ? {} : { wordsRecord: record.mean };
}

/** By this clock alone; the miner's own figure is no part of it. */
export function timesOf({ miner, reply: { totalMs, firstByteMs } }: Reply): ReplyTimes {
  const { roundTripMs } = miner;
  return { totalMs, firstByteMs, ...(roundTripMs === undefined ? {} : { networkMs: roundTripMs }) };
}
