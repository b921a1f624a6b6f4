/** What is wrong with the configuration, in one line for people. The command prints it and exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(line: string, options: { readonly cause?: unknown } = {}) {
    super(line.replace(/[\p{Cc}\s]+/gu, ' ').trim(), options);
  }
}
