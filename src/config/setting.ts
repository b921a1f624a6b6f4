/** The long-lived programs; each is a subcommand. */
export const PROGRAMS = ['up', 'proxy', 'bridge', 'validator', 'miner'] as const;
export type Program = (typeof PROGRAMS)[number];

/** The commands for people, which ask a server and end. */
export const USER_COMMANDS = ['submit', 'say', 'summarize', 'tasks', 'watch'] as const;
export type UserCommand = (typeof USER_COMMANDS)[number];

/** The subcommands that take settings. */
export const COMMANDS = [...PROGRAMS, 'wallet', 'keys', ...USER_COMMANDS] as const;
export type Command = (typeof COMMANDS)[number];

/** One row of the table of settings. */
export type Setting = NumberSetting | BooleanSetting | ChoiceSetting | TextSetting;

interface SettingFacts {
  readonly programs: readonly Command[];
  /** What it does, a phrase without a full stop. */
  readonly description: string;
  /** In place of AUDIO_SUBNET_ and the flag in capitals. */
  readonly environment?: string;
  /** One letter, for a flag that is typed often. */
  readonly short?: string;
}

interface NumberSetting extends SettingFacts {
  /** `seconds` and `share` may have a fraction; the others are whole. */
  readonly type: 'integer' | 'bytes' | 'port' | 'seconds' | 'share';
  /** What an `integer` counts. */
  readonly unit?: string;
  /** Inclusive. */
  readonly min: number;
  /** Inclusive. */
  readonly max: number;
  readonly default?: number;
  /** What holds when there is neither a value nor a default. */
  readonly otherwise?: string;
}

interface BooleanSetting extends SettingFacts {
  readonly type: 'boolean';
  readonly default: boolean;
}

interface ChoiceSetting extends SettingFacts {
  readonly type: 'choice';
  readonly choices: readonly [string, ...string[]];
  readonly default: string;
}

interface TextSetting extends SettingFacts {
  readonly type: TextType;
  readonly default?: string;
  /** What holds when there is neither a value nor a default. */
  readonly otherwise?: string;
}

export type TextType =
  | 'name'
  | 'model'
  | 'path'
  | 'host'
  | 'ip'
  | 'url'
  | 'origins'
  | 'address'
  | 'network'
  | 'hotkeys'
  | 'addresses'
  | 'scopes'
  /** Taken from the environment alone: others can read a command line. Never shown. */
  | 'secret';

/** The type of a setting's value once it is read. A `path` or `network` has its `~` expanded. */
export type SettingValue<S extends Setting> = S extends { type: NumberSetting['type'] }
  ? number
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;

/** The environment variable of a flag. */
export function environmentName(flag: string, setting: Setting): string {
  return setting.environment ?? `AUDIO_SUBNET_${flag.toUpperCase().replaceAll('.', '_')}`;
}

/** The default as people read it. */
export function defaultText(setting: Setting): string {
  if (setting.default !== undefined) return String(setting.default);
  return ('otherwise' in setting ? setting.otherwise : undefined) ?? 'unset';
}

/** The unit and range as people read them. */
export function unitText(setting: Setting): string {
  switch (setting.type) {
    case 'integer':
      return `${setting.unit ?? 'integer'}, ${setting.min} to ${setting.max}`;
    case 'bytes':
    case 'port':
    case 'seconds':
    case 'share':
      return `${setting.type}, ${setting.min} to ${setting.max}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return setting.choices.join(', ');
    default:
      return setting.type === 'ip' || setting.type === 'url' ? setting.type.toUpperCase() : setting.type;
  }
}
