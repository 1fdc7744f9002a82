// One sound for each outcome: none is like another, and REFER least of all like STOP.

/** Frequency in Hz, seconds from the start, seconds it lasts; the wave form says how hard it sounds. */
export const TONES = {
  PASS: { wave: "sine", notes: [[660, 0, 0.12], [990, 0.13, 0.2]] },
  PASS_WITH_MEASURES: { wave: "triangle", notes: [[740, 0, 0.12], [740, 0.2, 0.12], [740, 0.4, 0.12]] },
  REFER: { wave: "sine", notes: [[784, 0, 0.35], [587, 0.3, 0.5]] },
  STOP: { wave: "square", notes: [[165, 0, 0.3], [165, 0.4, 0.3], [165, 0.8, 0.3]] },
};
export const SHAKES = { PASS: [60], PASS_WITH_MEASURES: [60, 80, 60], REFER: [250], STOP: [300, 100, 300, 100, 300] };

let context = null;

/** Browsers let a page sound only once somebody has touched it. */
export function wakeSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

export function play(outcome) {
  navigator.vibrate?.(SHAKES[outcome]);
  if (context === null) return;
  const { wave, notes } = TONES[outcome];
  for (const [hertz, begin, length] of notes) {
    const from = context.currentTime + begin;
    const oscillator = new OscillatorNode(context, { type: wave, frequency: hertz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(wave === "square" ? 0.15 : 0.35, from + 0.02);
    volume.gain.setTargetAtTime(0, from + length - 0.05, 0.02);
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + length + 0.1);
  }
}
