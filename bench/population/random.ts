/** A reproducible sequence of numbers from 0 to below 1. */
export type Random = () => number;

/** The sequence of one thing: the same at every run, and unlike that of its neighbours (mulberry32). */
export function randomOf(salt: number, index: number): Random {
  let state = scramble(scramble(index) ^ salt);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An identifier that looks as random as a real one, so that it lands anywhere in an index. No two indexes share one. */
export function idOf(salt: number, index: number): string {
  const half = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
  return half(scramble(index ^ salt)) + half(scramble(Math.imul(index, 0x9e3779b1) + salt));
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** Spreads neighbours over all of 32 bits, each to a place of its own (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
