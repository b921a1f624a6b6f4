import ipaddr from 'ipaddr.js';

/** Answers for the host's own agent inside Azure, though it is in nobody's list of special addresses. */
const AZURE_HOST = '168.63.129.16';

/** IPv6 addresses of the internet are all in here; what only embeds an IPv4 address is outside. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether an IP address is one of the public internet, in whatever form it is written. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv4') return parsed.toString() !== AZURE_HOST;
  return parsed.match(GLOBAL_IPV6);
}
