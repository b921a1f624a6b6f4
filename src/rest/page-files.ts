import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const FOLDER = new URL('./page/', import.meta.url);
const INDEX = 'index.html';

/** Other files of the folder are not for browsers. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  /** Where browsers ask for it. */
  readonly path: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** As in the header ETag: of the bytes, so that it changes with them alone. */
  readonly etag: string;
}

/** Reads the web page; once, at start. @throws Error when the installation lacks it */
export function readPageFiles(): readonly PageFile[] {
  return readdirSync(FOLDER).flatMap((name) => {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (mediaType === undefined) return [];
    const bytes = readFileSync(new URL(name, FOLDER));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
    return [{ path: name === INDEX ? '/' : `/page/${name}`, mediaType, bytes, etag }];
  });
}
