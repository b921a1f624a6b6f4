import { Refusal } from '../domain/errors.js';
import type { TaskKind } from '../domain/task.js';
import type { Engine, EngineCatalog } from '../engines/engine.js';

export interface EngineWish {
  readonly kind: TaskKind;
  readonly language: string;
  /** Names of engines to take where they can do the work, best first. */
  readonly preferred: readonly string[];
}

/**
 * The engine for a kind and language: the preferred one, else the first.
 *
 * @throws Refusal ENGINE_UNAVAILABLE with `kind`, `language` and `cure`
 */
export function chooseEngine(catalog: EngineCatalog, wish: EngineWish): Engine {
  const able = catalog.engines.filter(
    ({ kind, languages }) => kind === wish.kind && languages.includes(wish.language),
  );
  const preferred = wish.preferred.map((wished) => able.find(({ name }) => name === wished));
  const engine = preferred.find((found) => found !== undefined) ?? able[0];
  if (engine === undefined) throw unavailable(catalog, wish);
  return engine;
}

function unavailable(catalog: EngineCatalog, { kind, language }: EngineWish): Refusal {
  const cure = cureFor(catalog, kind);
  return new Refusal('ENGINE_UNAVAILABLE', `No engine here does ${kind} in ${language}. ${cure}`, {
    metadata: { kind, language, cure },
  });
}

function cureFor({ engines, missing }: EngineCatalog, kind: TaskKind): string {
  const cures = missing.filter((entry) => entry.kind === kind).map(({ cure }) => `${cure}.`);
  const present = engines
    .filter((engine) => engine.kind === kind)
    .map(({ name, languages }) => `${name} does it in ${languages.join(', ')}.`);
  return [...cures, ...present].join(' ') || `There is no engine for ${kind} to install.`;
}
