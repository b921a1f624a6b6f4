import type { Language, Priority, TaskState } from '../domain/task.js';
import { ConfigError } from './config-error.js';
import type { Values } from './settings.js';

/** Whom the commands for people ask, and how they print. */
export interface UserConfig {
  readonly server: string;
  /** Holds the API key alone. */
  readonly keyFile?: string;
  readonly json: boolean;
}

/** What becomes of a task that was handed in. */
interface HandInConfig extends UserConfig {
  readonly language: Language;
  readonly priority: Priority;
  readonly wait: boolean;
}

export interface SubmitConfig extends HandInConfig {
  /** `-` is standard input. */
  readonly file: string;
}

export interface SayConfig extends HandInConfig {
  readonly text: string;
  readonly voice?: string;
  /** `-` is standard output; absent when nothing is waited for. */
  readonly output?: string;
}

export interface SummarizeConfig extends HandInConfig {
  /** `-` is standard input. */
  readonly file: string;
  readonly maxSentences?: number;
}

export interface WatchConfig extends UserConfig {
  readonly id: string;
  /** For a spoken result; `-` is standard output. */
  readonly output?: string;
}

export interface TasksConfig extends UserConfig {
  readonly state?: TaskState;
  readonly limit: number;
}

export function submitConfig(values: Values<'submit'>, operand?: string): SubmitConfig {
  return { ...handIn(values), file: required(operand, 'submit needs a file, or - for standard input') };
}

export function sayConfig(values: Values<'say'>, operand?: string): SayConfig {
  const text = required(operand, 'say needs a text');
  const { voice, output } = values;
  const config = handIn(values);
  if (config.wait && output === undefined)
    throw new ConfigError('audio-subnet say needs -o <file> for the audio, or -o - for standard output');
  return {
    ...config,
    ...outputOf(output, config.json),
    text,
    ...(voice !== undefined && { voice }),
  };
}

export function summarizeConfig(values: Values<'summarize'>, operand?: string): SummarizeConfig {
  const { max_sentences: maxSentences } = values;
  return {
    ...handIn(values),
    file: required(operand, 'summarize needs a file, or - for standard input'),
    ...(maxSentences !== undefined && { maxSentences }),
  };
}

export function watchConfig(values: Values<'watch'>, operand?: string): WatchConfig {
  const config = userConfig(values);
  const id = required(operand, 'watch needs the id of a task');
  return { ...config, ...outputOf(values.output, config.json), id };
}

export function tasksConfig(values: Values<'tasks'>): TasksConfig {
  const { status, limit } = values;
  return { ...userConfig(values), ...(status !== 'any' && { state: status }), limit };
}

function userConfig(values: Pick<Values<'tasks'>, 'server' | 'key_file' | 'json'>): UserConfig {
  const { server, key_file: keyFile, json } = values;
  return { server, json, ...(keyFile !== undefined && { keyFile }) };
}

function handIn(values: Values<'submit'>): HandInConfig {
  const { language, priority, wait } = values;
  return { ...userConfig(values), language, priority, wait };
}

function outputOf(output: string | undefined, json: boolean): { readonly output?: string } {
  if (output === '-' && json)
    throw new ConfigError('--json and -o - both write on standard output: choose one of them');
  return output === undefined ? {} : { output };
}

function required(operand: string | undefined, complaint: string): string {
  if (operand === undefined || operand === '') throw new ConfigError(`audio-subnet ${complaint}`);
  return operand;
}
