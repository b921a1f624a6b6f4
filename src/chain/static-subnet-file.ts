import { isIP } from 'node:net';
import { Refusal } from '../domain/errors.js';
import type { Axon, Metagraph, Neuron } from '../domain/network-view.js';
import { isHotkey } from '../wallet/hotkey.js';

/** The JSON of a static subnet. */
export interface StaticSubnetJson {
  readonly netuid: number;
  readonly network: string;
  readonly neurons: readonly {
    readonly uid: number;
    readonly hotkey: string;
    /** TAO. */
    readonly stake: number;
    readonly validator_permit: boolean;
    readonly axon?: { readonly ip: string; readonly port: number };
  }[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the text of a static subnet's file.
 *
 * @throws Refusal INVALID_FIELD whose message is one line that names file and field
 */
export function parseStaticSubnet(file: string, text: string): Metagraph {
  try {
    const root = object(JSON.parse(text), 'the file');
    const metagraph: Metagraph = {
      netuid: integer(root, 'netuid', '', 65_535),
      network: string(root, 'network', ''),
      source: 'static',
      neurons: list(root['neurons'], 'neurons').map((entry, index) => neuron(entry, `neurons[${index}]`)),
    };
    refuseDoubles(metagraph.neurons);
    return metagraph;
  } catch (cause) {
    const problem =
      cause instanceof SyntaxError ? `no valid JSON (${cause.message})` : (cause as Error).message;
    throw new Refusal('INVALID_FIELD', `static subnet ${file}: ${problem.replaceAll('\n', ' ')}`, { cause });
  }
}

function neuron(value: unknown, path: string): Neuron {
  const fields = object(value, path);
  const hotkey = string(fields, 'hotkey', path);
  if (!isHotkey(hotkey)) throw new Error(`${path}.hotkey: must be an SS58 address (format 42)`);
  const { axon, stake, validator_permit: validatorPermit } = fields;
  if (typeof stake !== 'number' || !(stake >= 0) || stake === Infinity)
    throw new Error(`${path}.stake: must be a number of at least 0`);
  if (typeof validatorPermit !== 'boolean')
    throw new Error(`${path}.validator_permit: must be true or false`);
  return {
    uid: integer(fields, 'uid', path, 65_535),
    hotkey,
    stake,
    validatorPermit,
    ...(axon === undefined || axon === null ? {} : { axon: axonOf(axon, `${path}.axon`) }),
  };
}

function axonOf(value: unknown, path: string): Axon {
  const fields = object(value, path);
  const ip = string(fields, 'ip', path);
  if (isIP(ip) === 0) throw new Error(`${path}.ip: must be an IP address`);
  const port = integer(fields, 'port', path, 65_535);
  if (port === 0) throw new Error(`${path}.port: must be an integer from 1 to 65535`);
  return { ip, port };
}

function refuseDoubles(neurons: readonly Neuron[]): void {
  for (const field of ['uid', 'hotkey'] as const) {
    const seen = new Set<unknown>();
    neurons.forEach((entry, index) => {
      if (seen.has(entry[field])) throw new Error(`neurons[${index}].${field}: stands there twice`);
      seen.add(entry[field]);
    });
  }
}

function object(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path}: must be an object`);
  return value as Fields;
}

function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${path}: must be a list`);
  return value;
}

function integer(fields: Fields, name: string, path: string, max: number): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new Error(`${join(path, name)}: must be an integer from 0 to ${max}`);
}

function string(fields: Fields, name: string, path: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${join(path, name)}: must be a text that is not empty`);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
