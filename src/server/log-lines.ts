import { writeSync } from 'node:fs'

/**
 * Writes log lines to an open file. A disk that is full or a reader that has gone costs lines and nothing else: pino's
 * own destination would end the process, and then wait in it for the disk for ever. What was lost is told when there
 * is room again.
 */
export function logLines(fd: number): { write(line: string): void } {
  let lost = 0
  let isCut = false
  const put = (text: string): boolean => {
    let bytes = Buffer.from(text)
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes))
      isCut = false
      return true
    } catch {
      isCut ||= bytes.length < Buffer.byteLength(text)
      return false
    }
  }
  return {
    write(line) {
      const told = lost === 0 ? '' : lossLine(lost)
      if (put(`${isCut ? '\n' : ''}${told}${line}`)) lost = 0
      else lost += 1
    },
  }
}

/** In the form of pino's lines; 40 is a warning. */
function lossLine(lost: number): string {
  return `${JSON.stringify({ level: 40, time: Date.now(), msg: `${lost} log line(s) could not be written` })}\n`
}
