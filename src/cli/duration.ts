const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds of `90s`, `15m`, `2h`, `7d` or `1w`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  const factor = SECONDS[unit ?? '']
  return count === undefined || factor === undefined ? undefined : Number(count) * factor
}

/** A length of time as people say it, in its largest unit: `40s`, `3m`, `5h`, `12d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 100) return `${seconds}s`
  if (seconds < 100 * 60) return `${Math.floor(seconds / 60)}m`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** A measured time: `143 ms` below ten seconds, else `12.4 s`. */
export function formatMeasured(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
