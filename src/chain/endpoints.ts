/** Where the well-known networks are reached. */
const KNOWN: Readonly<Record<string, string>> = {
  finney: 'wss://entrypoint-finney.opentensor.ai:443',
  test: 'wss://test.finney.opentensor.ai:443',
  local: 'ws://127.0.0.1:9944',
};

/**
 * The endpoints of a network, in the order in which they are tried.
 *
 * @param network names of networks and ws:// or wss:// URLs, separated by commas
 */
export function endpointsOf(network: string): readonly string[] {
  return network
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => KNOWN[part] ?? part);
}
