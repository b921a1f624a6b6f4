/** A stretch of a transcript: half-open, in milliseconds from the start of the audio. */
export interface SubtitleSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Subtitles in SubRip: numbered cues, a comma before the milliseconds. Empty without cues. */
export function toSrt(segments: readonly SubtitleSegment[]): string {
  return cues(segments)
    .map((cue, index) => `${index + 1}\n${span(cue, ',')}\n${cue.text.replaceAll('-->', '->')}\n`)
    .join('\n');
}

/** Subtitles in WebVTT (https://www.w3.org/TR/webvtt1/); the header alone without cues. */
export function toVtt(segments: readonly SubtitleSegment[]): string {
  const blocks = cues(segments).map((cue) => `${span(cue, '.')}\n${escaped(cue.text)}\n`);
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** Both formats end a cue at an empty line, and players drop one that lasts no time. */
function cues(segments: readonly SubtitleSegment[]): readonly SubtitleSegment[] {
  return segments
    .map(({ startMs, endMs, text }) => ({
      startMs,
      endMs: Math.max(endMs, startMs + 1),
      text: text.replace(/\s+/gu, ' ').trim(),
    }))
    .filter(({ text }) => text !== '');
}

function span({ startMs, endMs }: SubtitleSegment, mark: ',' | '.'): string {
  return `${clockTime(startMs, mark)} --> ${clockTime(endMs, mark)}`;
}

/** Such as `00:01:02,345`; the hours take more digits when they have to. */
function clockTime(ms: number, mark: ',' | '.'): string {
  const whole = Math.max(0, Math.round(ms));
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  const hours = digits(Math.floor(whole / 3_600_000), 2);
  const minutes = digits(Math.floor(whole / 60_000) % 60, 2);
  const seconds = digits(Math.floor(whole / 1_000) % 60, 2);
  return `${hours}:${minutes}:${seconds}${mark}${digits(whole % 1_000, 3)}`;
}

/** `<` opens a tag and `&` a character reference in WebVTT; `-->` must not stand in a text. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
