import { isLoopback } from '../auth/anonymous.js';
import type { BridgeConfig } from '../config/bridge.js';
import { DEFAULT_MAX_AUDIO_BYTES } from '../domain/limits.js';
import { findEncoder } from '../engines/audio/encode.js';
import { createBridge } from '../rest/bridge.js';
import { openBridgeClients } from './bridge-clients.js';
import type { Environment } from './environment.js';
import { hostPort, listenError } from './start-error.js';

/** Serves the HTTP endpoints in front of a proxy elsewhere. @returns the address @throws StartError */
export async function startBridge(
  { http, proxyAddress, crossOrigins }: BridgeConfig,
  env: Environment,
): Promise<string> {
  const clients = openBridgeClients(proxyAddress, env.lifecycle);
  const bridge = await createBridge({
    clients,
    log: env.log,
    maxAudioBytes: DEFAULT_MAX_AUDIO_BYTES,
    crossOrigins,
    isPublic: !isLoopback(http.host),
    encoder: await findEncoder(env.clock),
    clock: env.clock,
  });
  env.lifecycle.onStop('bridge', () => bridge.close(env.graceMs / 2));
  try {
    const { host, port } = await bridge.listen(http);
    env.log.info({ http: hostPort(host, port), proxy: proxyAddress }, 'bridge is ready');
    return hostPort(host, port);
  } catch (error) {
    throw listenError(
      error,
      hostPort(http.host, http.port),
      'choose another one with --http.host and --http.port',
    );
  }
}
