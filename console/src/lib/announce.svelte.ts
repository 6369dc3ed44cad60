// What a screen reader says by itself, and the sounds of alerts.

import type { Severity } from './types';

/** The last words said, the newest last: what is said shortly after takes nothing away that is still to be read. */
const KEPT = 24;
let polite = $state.raw<readonly { id: number; words: string }[]>([]);
let assertive = $state('');
let count = 0;
let sound = $state(localStorage.getItem('truceline.sound') !== 'off');

export const announced = {
  get polite(): readonly { id: number; words: string }[] {
    return polite;
  },
  get assertive(): string {
    return assertive;
  },
};

/** Says something: at once when it cannot wait. */
export function announce(words: string, urgent = false): void {
  if (urgent) assertive = words;
  else polite = [...polite, { id: (count += 1), words }].slice(-KEPT);
}

export function isLoud(): boolean {
  return sound;
}

export function setLoud(loud: boolean): void {
  sound = loud;
  localStorage.setItem('truceline.sound', loud ? 'on' : 'off');
}

/** Hertz and seconds of each tone: the more serious, the more tones and the higher. */
const TONES: Record<Severity, [number, number][]> = {
  notice: [[660, 0.12]],
  warning: [
    [660, 0.12],
    [880, 0.16],
  ],
  alarm: [
    [880, 0.14],
    [660, 0.14],
    [880, 0.14],
    [660, 0.2],
  ],
};
const VOLUME = 0.12;
let audio: AudioContext | null = null;

/** Sounds an alert. Browsers let a page sound only after somebody has touched it; signing in does. */
export function ring(severity: Severity): void {
  if (!sound) return;
  audio ??= new AudioContext();
  let at = audio.currentTime + 0.02;
  for (const [hertz, seconds] of TONES[severity]) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = hertz;
    tone.type = 'sine';
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(VOLUME, at + 0.015);
    gain.gain.setValueAtTime(VOLUME, at + seconds - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.04;
  }
}
