import { isMp3 } from './mp3-frames.js';

/** How audio is encoded: those that are decoded without installed programs by name, all others together. */
export type AudioForm = 'wav' | 'flac' | 'mp3' | 'opus' | 'vorbis' | 'mp4' | 'webm' | 'other';

/** Of the first packet of an Ogg stream: the page's head is 27 bytes and one length. */
const OGG_PACKET = 28;

/** Told by the bytes alone: names and media types are what strangers say. */
export function audioForm(audio: Uint8Array): AudioForm {
  const bytes = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength);
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end);
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WAVE') return 'wav';
  if (text(0, 4) === 'fLaC') return 'flac';
  if (text(0, 4) === 'OggS') {
    if (text(OGG_PACKET, OGG_PACKET + 8) === 'OpusHead') return 'opus';
    return text(OGG_PACKET, OGG_PACKET + 7) === '\x01vorbis' ? 'vorbis' : 'other';
  }
  if (text(4, 8) === 'ftyp') return 'mp4';
  if (text(0, 4) === '\x1a\x45\xdf\xa3') return 'webm';
  return isMp3(bytes) ? 'mp3' : 'other';
}
