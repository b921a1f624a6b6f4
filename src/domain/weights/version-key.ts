/** Each of the up to three numbers of a version counts so many times the next, as in Bittensor's own version keys. */
const BASE = 1000n;

/** Three numbers; those after the first are below the base, the first keeps the key within 64 bits. */
const VERSION = /^(\d{1,9})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(?!\d|\.\d)/;

/**
 * The version key of weights that rest on a scoring policy: the numbers that its version begins with, in base 1000,
 * so `1` is 1,000,000, `1.2.3` is 1,002,003 and `2-mine` is 2,000,000. What follows the numbers is a name and does not
 * count. A subnet's owner raises the key on the chain to turn away those that still score by an older policy.
 *
 * @returns a 64-bit unsigned integer; 0, which is older than everything, for a version that begins with no such number
 */
export function versionKeyOf(policyVersion: string): bigint {
  const [, major, minor = '0', patch = '0'] = VERSION.exec(policyVersion) ?? [];
  if (major === undefined) return 0n;
  return (BigInt(major) * BASE + BigInt(minor)) * BASE + BigInt(patch);
}
