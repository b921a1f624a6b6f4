import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Every address of a name; rejects with the system's code when there is none. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/** For one question to one name server; a second try follows. */
const QUERY_MS = 3_000;

/**
 * Asks the name servers without the system's resolver, whose four threads all files share: names whose
 * servers never answer would stall the store of content.
 */
export const resolvePublic: Resolve = async (host, signal) => {
  const resolver = new Resolver({ timeout: QUERY_MS, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw answers[0].status === 'rejected' ? answers[0].reason : new Error(`${host} has no address`);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/** As every program of the machine does, with its hosts file and search domains: for local trials. */
export const resolveLocally: Resolve = async (host) => {
  if (isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
};
