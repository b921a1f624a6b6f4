import {
  Miner as ProtoMiner,
  type ListMinersRequest,
  type ListMinersResponse,
} from '../../gen/ts/audiosubnet/v1/validator_integration.js';
import { Refusal } from '../domain/errors.js';
import { minerToProto } from './convert/network.js';
import type { KnownMiner } from './network-info.js';
import { readPageToken, writePageToken } from './page-token.js';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 256;
/** Encoded miners above which a page ends early. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** Ratings beside a whole network at most: about 60 bytes each, in one message with up to 8,192 observations. */
const MAX_SUMMARY_RATINGS = 16_384;
/** Page tokens of other lists are none of this one. */
const FILTER = 'miners';

/** A page of miners, by UID. @throws Refusal INVALID_PAGE_TOKEN */
export function listMiners(
  miners: readonly KnownMiner[],
  { pageSize, pageToken }: ListMinersRequest,
): ListMinersResponse {
  const after = pageToken === '' ? -1 : readPageToken(pageToken, FILTER).after;
  const rest = miners.filter(({ uid }) => uid > after);
  const limit = Math.min(pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, MAX_PAGE_SIZE);
  const page: ProtoMiner[] = [];
  let bytes = 0;
  for (const miner of rest.slice(0, limit)) {
    if (bytes > MAX_PAGE_BYTES) break;
    const proto = minerToProto(miner);
    bytes += ProtoMiner.encode(proto).finish().length;
    page.push(proto);
  }
  const last = page.at(-1);
  const isEnd = last === undefined || page.length === rest.length;
  return { miners: page, nextPageToken: isEnd ? '' : writePageToken({ after: last.uid, filter: FILTER }) };
}

/** @throws Refusal MINER_NOT_FOUND */
export function minerOf(miners: readonly KnownMiner[], hotkey: string): KnownMiner {
  const miner = miners.find((candidate) => candidate.hotkey === hotkey);
  if (miner !== undefined) return miner;
  throw new Refusal('MINER_NOT_FOUND', `the network has no miner with the hotkey ${hotkey}`, {
    metadata: { hotkey },
  });
}

/** Miners with what fits beside a whole network: no parts, and ratings until there are enough. */
export function summaries(miners: readonly KnownMiner[]): readonly KnownMiner[] {
  let left = MAX_SUMMARY_RATINGS;
  return miners.map((miner) => ({
    ...miner,
    observations: miner.observations.map(({ observation, ...seen }) => {
      const ratings = observation.ratings.slice(0, left).map((rating) => ({ ...rating, parts: [] }));
      left -= ratings.length;
      return { ...seen, observation: { ...observation, ratings } };
    }),
  }));
}
