const HEADER_BYTES = 44;

/**
 * A WAV file of one channel and 16 bits.
 *
 * @param {Float32Array} samples in [-1, 1]; beyond is clipped
 * @param {number} rate samples a second
 * @returns {ArrayBuffer}
 */
export function encodeWav(samples, rate) {
  const file = new ArrayBuffer(HEADER_BYTES + samples.length * 2);
  const view = new DataView(file);
  /** @param {number} at @param {string} name */
  const tag = (at, name) => {
    for (let place = 0; place < 4; place += 1) view.setUint8(at + place, name.charCodeAt(place));
  };
  tag(0, 'RIFF');
  view.setUint32(4, file.byteLength - 8, true);
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  tag(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => {
    view.setInt16(HEADER_BYTES + place * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true);
  });
  return file;
}

/**
 * The mean of all channels.
 *
 * @param {readonly Float32Array[]} channels of the same length
 * @returns {Float32Array}
 */
export function mixDown(channels) {
  const [first = new Float32Array()] = channels;
  return first.map(
    (_, place) => channels.reduce((sum, channel) => sum + (channel[place] ?? 0), 0) / channels.length,
  );
}
