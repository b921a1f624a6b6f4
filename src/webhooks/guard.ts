import { isIP, type LookupFunction } from 'node:net';
import { forbiddenUrl, type CallbackRules } from './callback-url.js';
import { isPublicAddress } from './public-address.js';
import type { Resolve } from './resolver.js';

/** The place is none that may be told. The message names no address: it would show what only our resolver sees. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
}

/** No address was found for the name. */
export class UnknownHost extends Error {
  override readonly name = 'UnknownHost';
}

export interface GuardOptions extends CallbackRules {
  readonly resolve: Resolve;
}

/**
 * Looks a host up for a connection and refuses it whole when one of its addresses is not public. The socket
 * connects to the very addresses that were checked, so that a name cannot point elsewhere by then.
 */
export function guardedLookup({ resolve, allowPrivate }: GuardOptions, signal: AbortSignal): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, signal).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = found;
        if (first === undefined) callback(new UnknownHost(`${hostname} has no address`), '');
        else if (!allowPrivate && !found.every(({ address }) => isPublicAddress(address)))
          callback(new ForbiddenTarget('the host name points to an address that is not public'), '');
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (cause: unknown) => callback(new UnknownHost(`${hostname} cannot be resolved`, { cause }), ''),
    );
  };
}

/** No lookup happens for a literal address: what the URL itself says is looked at here. @throws ForbiddenTarget */
export function checkTarget(url: string, rules: CallbackRules): void {
  const problem = forbiddenUrl(url, rules);
  if (problem !== undefined) throw new ForbiddenTarget(`the URL ${problem}`);
}
