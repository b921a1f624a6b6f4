/** Names stored bytes. */
export interface StoredContent {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** How far an upload is; goes back to what the server has when a connection is cut. */
export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}
