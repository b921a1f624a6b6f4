import { walletConfig, type WalletConfig } from './sections.js';
import type { Values } from './settings.js';

/** What the wallet command works on. */
export interface WalletCommandConfig {
  readonly wallet: WalletConfig;
  /** Holds what is imported; absent takes it from the terminal or standard input. */
  readonly secretFile?: string;
}

export function walletCommandConfig(values: Values<'wallet'>): WalletCommandConfig {
  const { 'wallet.secret_file': secretFile } = values;
  return { wallet: walletConfig(values), ...(secretFile !== undefined && { secretFile }) };
}
