import { encodeWav, mixDown } from './wav.js';

/** What recognizers of speech work at. */
const RATE = 16_000;
const LEVEL_EVERY_MS = 100;

/** Browsers give the microphone only to pages over https and on this machine. */
export function canRecord() {
  return 'mediaDevices' in navigator && typeof MediaRecorder === 'function';
}

/**
 * Records from the microphone until it is stopped.
 *
 * @param {(level: number, seconds: number) => void} onLevel loudness in [0, 1], and how long it has recorded
 * @returns {Promise<{ stop: () => Promise<File> }>} the recording as WAV, which needs no decoder elsewhere
 * @throws {Error} in a sentence for the user
 */
export async function record(onLevel) {
  const source = await openMicrophone();
  const recorder = new MediaRecorder(source);
  /** @type {Blob[]} */
  const chunks = [];
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data));
  const ended = new Promise((resolve) => {
    recorder.addEventListener('stop', resolve);
  });
  recorder.start(1_000);
  const meter = watchLevel(source, onLevel);
  return {
    async stop() {
      if (recorder.state !== 'inactive') recorder.stop();
      await ended;
      for (const track of source.getTracks()) track.stop();
      await meter.close();
      return toWav(new Blob(chunks));
    },
  };
}

async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotFoundError') throw new Error('There is no microphone.', { cause: error });
    if (name === 'NotAllowedError')
      throw new Error('The browser did not give the microphone to this page.', { cause: error });
    throw new Error('The microphone cannot be used.', { cause: error });
  }
}

/**
 * @param {MediaStream} source
 * @param {(level: number, seconds: number) => void} onLevel
 */
function watchLevel(source, onLevel) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(source).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const began = performance.now();
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // 60 dB below full scale is silence.
    const level = power === 0 ? 0 : 1 + (10 * Math.log10(power)) / 60;
    onLevel(Math.max(0, Math.min(1, level)), (performance.now() - began) / 1000);
  }, LEVEL_EVERY_MS);
  return {
    close() {
      clearInterval(timer);
      return context.close();
    },
  };
}

/** @param {Blob} recorded in whatever form the browser records */
async function toWav(recorded) {
  const decoder = new OfflineAudioContext(1, 1, RATE);
  const audio = await decoder.decodeAudioData(await recorded.arrayBuffer());
  const channels = Array.from({ length: audio.numberOfChannels }, (_, place) => audio.getChannelData(place));
  const name = `recording ${new Date().toTimeString().slice(0, 8).replaceAll(':', '.')}.wav`;
  return new File([encodeWav(mixDown(channels), RATE)], name, { type: 'audio/wav' });
}
