import { isIP, isIPv4 } from 'node:net';

/** An address as the chain stores it. */
export interface ChainAddress {
  /** The address as one number, 32 bits of IPv4 or 128 of IPv6. */
  readonly ip: bigint;
  readonly ipType: 4 | 6;
}

const GROUPS = 8;
const MAX_IPV4 = 0xffff_ffffn;
const MAX_IPV6 = (1n << 128n) - 1n;

/** @throws Error when the text is no IP address */
export function toChainAddress(ip: string): ChainAddress {
  if (isIPv4(ip))
    return {
      ip: ip.split('.').reduce((whole, part) => (whole << 8n) | BigInt(part), 0n),
      ipType: 4,
    };
  if (isIP(ip) !== 6 || ip.includes('%')) throw new Error(`${ip} is no IP address`);
  return { ip: groupsOf(ip).reduce((whole, group) => (whole << 16n) | BigInt(group), 0n), ipType: 6 };
}

/** Text of an address; undefined for 0, which means none, and for what is no address of its type. */
export function fromChainAddress({ ip, ipType }: { readonly ip: bigint; readonly ipType: number }) {
  if (ip <= 0n) return undefined;
  if (ipType === 4) {
    if (ip > MAX_IPV4) return undefined;
    return [24n, 16n, 8n, 0n].map((shift) => String((ip >> shift) & 0xffn)).join('.');
  }
  if (ipType !== 6 || ip >> 128n !== 0n) return undefined;
  const groups = Array.from({ length: GROUPS }, (_, at) =>
    ((ip >> BigInt(16 * (GROUPS - 1 - at))) & 0xffffn).toString(16),
  );
  // The URL parser writes the shortest form of RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The eight numbers of an IPv6 address. */
function groupsOf(ip: string): number[] {
  // The URL parser turns a trailing IPv4 form into groups too.
  const [head = '', tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const before = numbers(head);
  const after = numbers(tail ?? '');
  return [...before, ...Array<number>(GROUPS - before.length - after.length).fill(0), ...after];
}

/** Why no neuron can be reached from elsewhere at an address; undefined when it may be. */
export function unreachableFrom(ip: string): string | undefined {
  if (isIP(ip) === 0 || ip.includes('%')) return 'is no IP address';
  const address = toChainAddress(ip);
  // An IPv4 address in IPv6 clothes, ::ffff:a.b.c.d, is judged as what it is.
  const mapped = address.ipType === 6 && address.ip >> 32n === 0xffffn;
  const { ip: number, ipType } = mapped ? { ip: address.ip & MAX_IPV4, ipType: 4 } : address;
  if (number === 0n) return 'stands for all addresses of a machine';
  if (ipType === 4 ? number >> 24n === 127n : number === 1n) return 'is a loopback address';
  if (number === (ipType === 4 ? MAX_IPV4 : MAX_IPV6)) return 'is no address of one machine';
  return undefined;
}
