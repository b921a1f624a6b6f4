import type { TaskFailure, TaskKind } from '../domain/task.js';
import type { ProbedMiner } from './probed-miner.js';

/** Causes and cures named at most. */
const MAX_NAMED = 5;

/** The failure of a task that no reachable miner can do: kind, language and what would cure it. */
export function noCapableMiner(
  miners: readonly ProbedMiner[],
  work: { readonly kind: TaskKind; readonly language: string; readonly inputBytes: number },
): TaskFailure {
  const message = [
    `No reachable miner can do ${work.kind} in ${work.language}.`,
    ...reasons(miners, work),
  ].join(' ');
  return { reason: 'NO_CAPABLE_MINER', message: message.slice(0, 1000) };
}

function reasons(
  miners: readonly ProbedMiner[],
  {
    kind,
    language,
    inputBytes,
  }: { readonly kind: TaskKind; readonly language: string; readonly inputBytes: number },
): readonly string[] {
  if (miners.length === 0)
    return ['The network has no miners: start one, or check --subtensor.network and --netuid.'];
  const reached = miners.flatMap(({ state }) => (state.kind === 'reachable' ? [state.capabilities] : []));
  const able = reached.flatMap(({ capabilities, maxInputBytes }) =>
    capabilities
      .filter((capability) => capability.kind === kind)
      .map(({ languages }) => ({ languages, maxInputBytes })),
  );
  const languages = [...new Set(able.flatMap((entry) => entry.languages))].sort();
  const limit = Math.max(
    0,
    ...able.filter((entry) => entry.languages.includes(language)).map((entry) => entry.maxInputBytes),
  );
  const cures = reached.flatMap(({ missing }) =>
    missing.filter((entry) => entry.kind === kind).map(({ cure }) => cure),
  );
  return [
    ...(limit > 0 && inputBytes > limit
      ? [`The input has ${inputBytes} bytes, the miners take up to ${limit}.`]
      : []),
    ...(languages.length > 0 && limit === 0 ? [`The miners do it in ${languages.join(', ')}.`] : []),
    ...[...new Set(cures)].slice(0, MAX_NAMED),
    ...unreached(miners),
  ];
}

function unreached(miners: readonly ProbedMiner[]): readonly string[] {
  const causes = miners.flatMap(({ address, state }) =>
    state.kind === 'unreachable' ? [`${address.host}:${address.port} (${state.cause})`] : [],
  );
  if (causes.length === 0) return [];
  return [
    `${causes.length} of ${miners.length} miners did not answer: ${causes.slice(0, MAX_NAMED).join(', ')}; check that they run and can be reached.`,
  ];
}
