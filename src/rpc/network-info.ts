import { minersOf, type NetworkReading } from '../domain/network-view.js';
import type { NetworkSource } from './convert/enums.js';
import type { AgedReport, MinerObservation } from './miner-reports.js';

/** Observations of one miner that are shown, newest first. */
const MAX_OBSERVATIONS = 8;

/** The network as the proxy knows it, from its own reading or from the validators' reports. */
export interface NetworkInfo {
  readonly netuid: number;
  readonly network: string;
  readonly totalMiners: number;
  readonly availableMiners: number;
  readonly source: NetworkSource;
  /** Absent without a source. */
  readonly ageMs?: number;
  readonly connected: boolean;
  /** By UID. */
  readonly miners: readonly KnownMiner[];
  /** Those whose reports there are, newest first. */
  readonly validators: readonly ReportingValidator[];
}

/** A validator that reported, and the policy it judges by. */
export type ReportingValidator = Pick<AgedReport, 'validator' | 'policyVersion' | 'policyHash' | 'ageMs'>;

export interface KnownMiner {
  readonly uid: number;
  readonly hotkey: string;
  readonly host: string;
  readonly port: number;
  /** TAO. */
  readonly stake: number;
  readonly observations: readonly SeenBy[];
}

/** An observation and whose it is. */
export interface SeenBy {
  readonly validator: string;
  readonly ageMs: number;
  readonly observation: MinerObservation;
}

const NOTHING: NetworkInfo = {
  netuid: 0,
  network: '',
  totalMiners: 0,
  availableMiners: 0,
  source: 'none',
  connected: false,
  miners: [],
  validators: [],
};

/** The proxy's own reading goes before the newest report. */
export function networkInfo(
  reading: NetworkReading | undefined,
  reports: readonly AgedReport[],
): NetworkInfo {
  const seen = observationsByHotkey(reports);
  const [newest] = reports;
  if (reading !== undefined) return { ...fromReading(reading, seen), validators: reports };
  return newest === undefined ? NOTHING : { ...fromReport(newest, seen), validators: reports };
}

type Observations = ReadonlyMap<string, readonly SeenBy[]>;

type Source = Omit<NetworkInfo, 'validators'>;

function fromReading({ metagraph, ageMs, connected }: NetworkReading, seen: Observations): Source {
  const miners = minersOf(metagraph).map(({ uid, hotkey, stake, axon }) => ({
    uid,
    hotkey,
    host: axon.ip,
    port: axon.port,
    stake,
    observations: seen.get(hotkey) ?? [],
  }));
  return {
    netuid: metagraph.netuid,
    network: metagraph.network,
    totalMiners: metagraph.neurons.filter(({ validatorPermit }) => !validatorPermit).length,
    source: metagraph.source,
    ageMs,
    connected,
    ...listed(miners),
  };
}

function fromReport({ netuid, network, ageMs, miners }: AgedReport, seen: Observations): Source {
  const known = miners.map(({ uid, hotkey, address, stake }) => ({
    uid,
    hotkey,
    ...splitAddress(address),
    stake,
    observations: seen.get(hotkey) ?? [],
  }));
  return {
    netuid,
    network,
    totalMiners: miners.length,
    source: 'report',
    ageMs,
    connected: false,
    ...listed(known),
  };
}

function listed(miners: readonly KnownMiner[]): Pick<NetworkInfo, 'miners' | 'availableMiners'> {
  return {
    miners: miners.toSorted((a, b) => a.uid - b.uid),
    availableMiners: miners.filter(isAvailable).length,
  };
}

/** One that no validator reported counts: it announced an axon, and nobody says otherwise. */
function isAvailable({ observations }: KnownMiner): boolean {
  return observations.length === 0 || observations.some(({ observation }) => observation.reachable);
}

function observationsByHotkey(reports: readonly AgedReport[]): Observations {
  const seen = new Map<string, SeenBy[]>();
  for (const { validator, ageMs, miners } of reports) {
    for (const observation of miners) {
      const others = seen.get(observation.hotkey) ?? [];
      if (others.length < MAX_OBSERVATIONS) others.push({ validator, ageMs, observation });
      seen.set(observation.hotkey, others);
    }
  }
  return seen;
}

/** `host:port`, where the host of an IPv6 address stands in brackets. */
function splitAddress(address: string): { host: string; port: number } {
  const [, host, port] = /^\[?(.*?)\]?:(\d{1,5})$/.exec(address) ?? [];
  return { host: host ?? address, port: Number(port ?? 0) };
}
