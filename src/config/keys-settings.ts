import type { Setting } from './setting.js';

/** What the keys command takes; a part of SETTINGS. */
export const KEYS_SETTINGS = {
  name: {
    type: 'name',
    environment: 'AUDIO_SUBNET_KEYS_NAME',
    programs: ['keys'],
    description: 'create: what the key is called, such as the app that uses it',
  },
  scope: {
    type: 'scopes',
    default: 'submit,read',
    environment: 'AUDIO_SUBNET_KEYS_SCOPE',
    programs: ['keys'],
    description:
      'create: what the key is for: submit (hand in, cancel, delete tasks), read (their state and results), validate (work on tasks of others), admin (everything)',
  },
  grace: {
    type: 'seconds',
    min: 0,
    max: 7 * 86_400,
    default: 0,
    environment: 'AUDIO_SUBNET_KEYS_GRACE',
    programs: ['keys'],
    description: 'rotate: how long the secret until now still counts beside the new one',
  },
} as const satisfies Readonly<Record<string, Setting>>;
