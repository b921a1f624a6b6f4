import type { CommonConfig } from '../config/sections.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { Lifecycle } from '../runtime/lifecycle.js';
import { createLogger, type Logger } from '../runtime/logger.js';

/** What every part of a program is given. */
export interface Environment {
  readonly clock: Clock;
  readonly log: Logger;
  /** Parts are stopped in the reverse order of their start. */
  readonly lifecycle: Lifecycle;
  readonly graceMs: number;
  /** Something broke that cannot be mended while running: the program must stop. */
  readonly onFatal: (error: Error) => void;
}

export function createEnvironment(
  name: string,
  config: CommonConfig,
  onFatal: (error: Error) => void,
): Environment {
  const { format, debug } = config.logging;
  const log = createLogger({
    name,
    debug,
    format: format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format,
  });
  const lifecycle = new Lifecycle({ clock: systemClock, logger: log, graceMs: config.shutdownGraceMs });
  return { clock: systemClock, log, lifecycle, graceMs: config.shutdownGraceMs, onFatal };
}
