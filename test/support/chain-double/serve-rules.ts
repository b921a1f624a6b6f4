import type { Ledger } from './ledger.js';
import type { RuleBreach } from './weight-rules.js';
import { uidOf } from './subnet.js';

export interface ServeCall {
  readonly netuid: number;
  readonly who: string;
  readonly version: number;
  readonly ip: bigint;
  readonly port: number;
  readonly ipType: number;
  readonly protocol: number;
}

/** 127.0.0.1 and 255.255.255.255 as integers. */
const LOOPBACK_V4 = 2_130_706_433n;
const BROADCAST_V4 = 4_294_967_295n;
const MAX_V6 = (1n << 128n) - 1n;

/** The checks of `serve_axon`; the first that fails. Private addresses are allowed, as on the chain. */
export function breachOfServe(ledger: Ledger, call: ServeCall): RuleBreach | undefined {
  const { netuid, who, ip, port, ipType } = call;
  if (uidOf(ledger, netuid, who) === undefined) return 'HotKeyNotRegisteredInNetwork';
  if (ipType !== 4 && ipType !== 6) return 'InvalidIpType';
  if (ipType === 4 && (ip === LOOPBACK_V4 || ip >= BROADCAST_V4)) return 'InvalidIpAddress';
  if (ipType === 6 && (ip === 1n || ip === MAX_V6)) return 'InvalidIpAddress';
  const served = ledger.read('subtensorModule.axons', [netuid, who])?.toJSON() as
    { readonly block: number } | undefined;
  const limit = ledger.number('subtensorModule.servingRateLimit', [netuid]);
  if (served !== undefined && served.block !== 0 && ledger.block - served.block < limit)
    return 'ServingRateLimitExceeded';
  return port === 0 ? 'InvalidPort' : undefined;
}

export function storeAxon(ledger: Ledger, { netuid, who, ...axon }: ServeCall): void {
  ledger.write('subtensorModule.axons', [netuid, who], {
    block: ledger.block,
    version: axon.version,
    ip: axon.ip,
    port: axon.port,
    ipType: axon.ipType,
    protocol: axon.protocol,
  });
}
