import { answers } from './errors.js';
import { boolean, instant, integer, list, number, object, orNull, text } from './json.js';

export const readHealth = {
  summary: 'State of the service',
  tags: ['service'],
  response: answers(
    object({
      status: text('`healthy`'),
      timestamp: instant('Clock of the store'),
      bittensor_connected: boolean('Whether the network could be read the last time'),
      queue_size: integer('Tasks that wait'),
      pending_tasks: integer('Tasks that wait'),
      processing_tasks: integer('Tasks that a validator works on'),
      completed_tasks: integer('Tasks with a result'),
      failed_tasks: integer('Tasks with a failure'),
      total_tasks: integer('All tasks, cancelled ones too'),
    }),
  ),
};

const network = object({
  netuid: integer('Number of the subnet'),
  network: text('Name of the network'),
  total_miners: integer('Miners that are registered'),
  available_miners: integer('Miners that can be reached'),
  source: text('Where this comes from', { enum: ['none', 'chain', 'static', 'report'] }),
  age_seconds: orNull(number('How old this is')),
});

export const minerFields = {
  uid: integer('UID on the subnet'),
  hotkey: text('SS58 address'),
  ip: text('Address it listens on'),
  port: integer('Port it listens on'),
  external_ip: text('Address to reach it at'),
  external_port: integer('Port to reach it at'),
  stake: number('TAO'),
};

const validator = object({
  hotkey: text('SS58 address or name of the validator'),
  policy_version: orNull(text('Version of the scoring policy that it judges by')),
  policy_hash: orNull(text('SHA-256 of that policy')),
  age_seconds: orNull(number('How old its report is')),
});

const pending = object({
  task_id: text('Id of the task'),
  task_type: text('`transcription`, `tts` or `summarization`'),
  language: text('Language of the input'),
  priority: text('`low`, `normal`, `high` or `urgent`'),
  submitted_at: instant('When the task was taken'),
});

const queue = object({
  pending_count: integer('Tasks that wait'),
  processing_count: integer('Tasks that a validator works on'),
  completed_count: integer('Tasks with a result'),
  failed_count: integer('Tasks with a failure'),
  total_tasks: integer('All tasks, cancelled ones too'),
  timestamp: instant('Clock of the store'),
});

export const readIntegration = {
  summary: 'Read network, miners, the next 10 pending tasks and the counts of the queue',
  tags: ['validators'],
  response: answers(
    object({
      network_info: network,
      miners: list(object(minerFields)),
      pending_tasks: list(pending),
      queue_stats: queue,
      validators: list(validator),
    }),
  ),
};
