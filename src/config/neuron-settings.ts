import type { Setting } from './setting.js';

const AXONS = ['up', 'validator', 'miner'] as const;

/** Whom a neuron answers and where it finds others; a part of SETTINGS. */
export const NEURON_SETTINGS = {
  'blacklist.force_validator_permit': {
    type: 'boolean',
    default: true,
    programs: AXONS,
    description:
      'answer only hotkeys with a validator permit; hotkeys that are not registered are never answered',
  },
  'blacklist.min_stake': {
    type: 'integer',
    unit: 'TAO',
    min: 0,
    max: 21_000_000,
    default: 0,
    programs: AXONS,
    description: 'answer only hotkeys with so much stake',
  },
  'blacklist.allow': {
    type: 'hotkeys',
    programs: AXONS,
    description: 'hotkeys, comma-separated, that are answered without registration, permit or stake',
  },
  'blacklist.deny': {
    type: 'hotkeys',
    programs: AXONS,
    description: 'hotkeys, comma-separated, that are never answered',
  },
  'dendrite.address': {
    type: 'addresses',
    programs: ['up', 'validator'],
    description:
      'where miners are reached in place of what they announced: hotkey=host:port, comma-separated',
  },
} as const satisfies Readonly<Record<string, Setting>>;
