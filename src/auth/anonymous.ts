import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Scope } from '../domain/scope.js';

/** What decides about callers that show no key. */
export interface AnonymousRules {
  /** The operator lets them in. */
  readonly allowed: boolean;
  /** Nobody but this machine reaches the proxy. */
  readonly onLoopback: boolean;
}

const ALONE: readonly Scope[] = ['submit', 'read', 'validate'];
const BESIDE_KEYS: readonly Scope[] = ['submit', 'read'];

/**
 * What callers without a key may do; undefined lets none in.
 *
 * @param everCreated a key was made at some time, be it revoked since
 */
export function anonymousScopes(
  { allowed, onLoopback }: AnonymousRules,
  everCreated: boolean,
): readonly Scope[] | undefined {
  if (onLoopback && !everCreated) return ALONE;
  return allowed ? BESIDE_KEYS : undefined;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether this machine alone reaches a listener at that address; of names only `localhost` is known to be so. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
