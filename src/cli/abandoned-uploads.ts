import type { ContentDirectory } from '../content/directory.js';
import type { Environment } from './environment.js';

const EVERY_MS = 3_600_000;

/** Removes what users began to upload and gave up, for as long as the proxy runs: it fills the disk otherwise. */
export function removeAbandonedUploads(
  content: Pick<ContentDirectory, 'removeAbandoned'>,
  { clock, log, lifecycle }: Pick<Environment, 'clock' | 'log' | 'lifecycle'>,
): void {
  let cancel: () => void = () => undefined;
  const later = () => {
    cancel = clock.after(EVERY_MS, () => {
      content.removeAbandoned().catch((error: unknown) => {
        log.warn({ err: error }, 'abandoned uploads could not be removed');
      });
      later();
    });
  };
  later();
  lifecycle.onStop('abandoned uploads', () => {
    cancel();
  });
}
