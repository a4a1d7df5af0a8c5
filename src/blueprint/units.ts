/** `30s`, `10m`, `1h30m`, `7d`: whole numbers, each unit once, largest first. */
export const DURATION = /^(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,6}s)?$/

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
])

/** Seconds; the text matches `DURATION`. */
export function parseDuration(text: string): number {
  let seconds = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([dhms])/g)) {
    seconds += Number(count) * (SECONDS.get(unit) ?? 0)
  }
  return seconds
}

/** The shortest text that `parseDuration` reads as the same number of seconds. */
export function formatDuration(seconds: number): string {
  let rest = seconds
  let text = ''
  for (const [unit, size] of SECONDS) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}

/** `512Mi`, `2Gi`, and `512MB`, `2GB` as AWS means them (1,024 based). */
export const MEMORY = /^\d{1,7}(?:Mi|Gi|MB|GB)$/

/** Mebibytes; the text matches `MEMORY`. */
export function parseMemory(text: string): number {
  const amount = Number.parseInt(text, 10)
  return text.endsWith('Gi') || text.endsWith('GB') ? amount * 1024 : amount
}
