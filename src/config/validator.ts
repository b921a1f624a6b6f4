import type { AnswerPolicy } from '../domain/answer-policy.js';
import { ConfigError } from './config-error.js';
import {
  axonConfig,
  blacklistConfig,
  checkOrder,
  commonConfig,
  milliseconds,
  minerAddresses,
  subnetConfig,
  walletConfig,
  type AxonConfig,
  type BlacklistConfig,
  type CommonConfig,
  type MinerAddresses,
  type SubnetConfig,
  type WalletConfig,
} from './sections.js';
import type { Values } from './settings.js';

export interface ValidatorConfig extends CommonConfig {
  readonly subnet: SubnetConfig;
  readonly wallet: WalletConfig;
  readonly axon: AxonConfig;
  readonly blacklist: BlacklistConfig;
  readonly minerAddresses: MinerAddresses;
  readonly integration: {
    readonly enabled: boolean;
    /** Without a slash at the end. */
    readonly serverUrl: string;
    /** What proves to the proxy who asks; absent asks without. */
    readonly key?: ProxyKey;
    readonly checkIntervalMs: number;
  };
  readonly validator: ValidatorTuning;
  readonly critic?: CriticConfig;
}

/** An API key, or the file that holds it alone. */
export type ProxyKey =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'file'; readonly file: string };

/** The language model that reads summaries too. */
export interface CriticConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly model: string;
  readonly keyFile?: string;
}

export interface ValidatorTuning {
  readonly maxInFlight: number;
  readonly minersPerTask: number;
  readonly answers: AnswerPolicy;
  /** Questions of the validator's own: an hour where users ask fewer, and as a share where they ask more. */
  readonly challenges: { readonly perHour: number; readonly share: number };
  /** File of the scoring policy; absent means the built-in one. */
  readonly policyFile?: string;
  readonly weights: WeightTuning;
}

export interface WeightTuning {
  /** Whether the first weights wait for neither a tempo nor enough scored tasks. */
  readonly now: boolean;
  /** Whether weights are printed in place of being set. */
  readonly dryRun: boolean;
}

const DEFAULT_AXON_PORT = 8092;

export function validatorConfig(values: Values<'validator'>): ValidatorConfig {
  return {
    ...commonConfig(values),
    subnet: subnetConfig(values),
    wallet: walletConfig(values),
    axon: axonConfig(values, DEFAULT_AXON_PORT),
    blacklist: blacklistConfig(values),
    minerAddresses: minerAddresses(values['dendrite.address']),
    integration: {
      enabled: values.enable_proxy_integration,
      serverUrl: values.proxy_server_url,
      ...proxyKey(values),
      checkIntervalMs: milliseconds(values.proxy_check_interval),
    },
    validator: validatorTuning(values),
    ...criticConfig(values),
  };
}

/** @throws ConfigError when there are two */
function proxyKey({
  proxy_key_file: file,
  proxy_key: text,
}: Pick<Values<'validator'>, 'proxy_key_file' | 'proxy_key'>): { readonly key?: ProxyKey } {
  if (file !== undefined && text !== undefined)
    throw new ConfigError('--proxy_key_file and AUDIO_SUBNET_PROXY_KEY are both given: one key is enough');
  if (text !== undefined) return { key: { kind: 'text', text } };
  return file === undefined ? {} : { key: { kind: 'file', file } };
}

/** The critic, where there is one. @throws ConfigError when a part of it is missing */
export function criticConfig(
  values: Pick<Values<'validator'>, 'judge.llm_url' | 'judge.llm_model' | 'judge.llm_key_file'>,
): { readonly critic?: CriticConfig } {
  const { 'judge.llm_url': url, 'judge.llm_model': model, 'judge.llm_key_file': keyFile } = values;
  if (url === undefined) {
    if (model !== undefined) throw new ConfigError('--judge.llm_model is of no use without --judge.llm_url');
    if (keyFile !== undefined)
      throw new ConfigError('--judge.llm_key_file is of no use without --judge.llm_url');
    return {};
  }
  if (model === undefined)
    throw new ConfigError('--judge.llm_url needs --judge.llm_model: name the model to ask');
  return { critic: { url, model, ...(keyFile !== undefined && { keyFile }) } };
}

type TuningValues = Pick<
  Values<'validator'>,
  | 'validator.max_in_flight'
  | 'validator.miners_per_task'
  | 'answer.policy'
  | 'answer.grace'
  | 'answer.good_enough'
  | 'answer.k'
  | 'answer.deadline'
  | 'scoring.policy'
  | 'challenge.per_hour'
  | 'challenge.share'
  | 'weights.now'
  | 'weights.dry_run'
>;

/** @throws ConfigError */
export function validatorTuning(values: TuningValues): ValidatorTuning {
  const { 'scoring.policy': policyFile } = values;
  return {
    maxInFlight: values['validator.max_in_flight'],
    minersPerTask: values['validator.miners_per_task'],
    answers: answerPolicy(values),
    challenges: { perHour: values['challenge.per_hour'], share: values['challenge.share'] },
    ...(policyFile !== undefined && { policyFile }),
    weights: { now: values['weights.now'], dryRun: values['weights.dry_run'] },
  };
}

function answerPolicy(values: TuningValues): AnswerPolicy {
  const deadlineMs = milliseconds(values['answer.deadline']);
  const kind = values['answer.policy'];
  switch (kind) {
    case 'best':
      return { kind, graceMs: milliseconds(values['answer.grace']) };
    case 'first_good':
      return { kind, goodEnough: values['answer.good_enough'], deadlineMs };
    case 'best_of_k':
      checkOrder(values, 'answer.k', 'validator.miners_per_task');
      return { kind, count: values['answer.k'], deadlineMs };
    case 'deadline':
      return { kind, deadlineMs };
  }
}
