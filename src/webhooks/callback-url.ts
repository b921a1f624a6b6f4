import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.js';

/** Services of a system listen below; on the internet only these two of them are told of webhooks. */
const FIRST_FREE_PORT = 1024;
const LOW_PORTS: ReadonlySet<string> = new Set(['80', '443']);

/** What webhooks may reach. */
export interface CallbackRules {
  /** Any address and any port. */
  readonly allowPrivate: boolean;
}

/**
 * Why a URL must not be told of anything, as far as the URL itself says; undefined when it may. Names are
 * looked up at each delivery: what they point to today says nothing of tomorrow.
 */
export function forbiddenUrl(url: string, { allowPrivate }: CallbackRules): string | undefined {
  if (!URL.canParse(url)) return 'is no URL';
  const { protocol, username, password, port, hostname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must be an http or https URL';
  if (username !== '' || password !== '') return 'must hold no user name and no password';
  if (allowPrivate) return undefined;
  if (port !== '' && !LOW_PORTS.has(port) && Number(port) < FIRST_FREE_PORT)
    return `must name port 80, 443 or one from ${FIRST_FREE_PORT} on`;
  const host = hostOf(hostname);
  const isLocal = isIP(host) === 0 ? isLocalName(host) : !isPublicAddress(host);
  return isLocal ? 'must name a host on the public internet' : undefined;
}

/** The host of a URL as sockets take it: an IPv6 address without its brackets. URL made IPv4 of all its forms. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** RFC 6761: these never leave the machine. */
function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}
