export function tone(rate: number): Int16Array;
export function cut(rate: number): number;
export function wav(rate: number, samples: Int16Array): Buffer;
