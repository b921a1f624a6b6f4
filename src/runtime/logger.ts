import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export type LogFormat = 'text' | 'json';

export interface LoggerOptions {
  /** Name of the program, on each line. */
  readonly name: string;
  readonly format: LogFormat;
  readonly debug: boolean;
}

/** One line per event on standard error: JSON, or for people `time LEVEL name message key=value`. */
export function createLogger({ name, format, debug }: LoggerOptions): Logger {
  const options = {
    name,
    level: debug ? 'debug' : 'info',
    base: { name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, format === 'json' ? process.stderr : textStream());
}

function textStream(): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      process.stderr.write(textLine(JSON.parse(line) as Record<string, unknown>), () => {
        done();
      });
    },
  });
}

function textLine(entry: Record<string, unknown>): string {
  const { time, level, name, msg, err, ...rest } = entry;
  const pairs = Object.entries(rest).map(([key, value]) => ` ${key}=${textValue(value)}`);
  if (err !== undefined) pairs.push(` err=${textValue(errorText(err))}`);
  return `${String(time)} ${String(level).toUpperCase()} ${String(name)}: ${String(msg)}${pairs.join('')}\n`;
}

function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function errorText(err: unknown): unknown {
  return typeof err === 'object' && err !== null && 'stack' in err ? err.stack : err;
}
