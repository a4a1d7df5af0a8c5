import { join } from 'node:path'
import type { ServiceRef } from '../../target.ts'
import { complain } from './complain.ts'
import { createLogPace, type LogPace } from './log-pace.ts'
import { trimLogs } from './log-trim.ts'

export interface LogLimits {
  /** Bytes of one file. */
  readonly maxBytes: number
  /** Files of one instance. */
  readonly files: number
  /** Bytes of all files of one service, and of all services. Files that are being written to may go beyond. */
  readonly serviceBytes: number
  readonly totalBytes: number
  /** What all instances together may print. */
  readonly bytesPerSecond: number
}

const MEBIBYTE = 1024 ** 2

export const LOG_LIMITS: LogLimits = {
  maxBytes: 10 * MEBIBYTE,
  files: 5,
  serviceBytes: 256 * MEBIBYTE,
  totalBytes: 2048 * MEBIBYTE,
  bytesPerSecond: 4 * MEBIBYTE,
}

/** At that pace, about 40 MiB come in between two looks. */
const TRIM_SECONDS = 10

/** What bounds the logs of all services together. */
export class LogStore {
  readonly limits: LogLimits
  readonly pace: LogPace
  readonly #folder: string
  readonly #open = new Set<string>()
  #isTrimDue = false

  constructor(folder: string, limits: LogLimits) {
    this.#folder = folder
    this.limits = limits
    this.pace = createLogPace({ bytesPerSecond: limits.bytesPerSecond, now: () => performance.now() })
    this.changed()
  }

  /** Where the files of a service are. */
  folderOf({ environment, service }: ServiceRef): string {
    return join(this.#folder, environment, service)
  }

  /** A file that is written to from now on. */
  opened(path: string): void {
    this.#open.add(path)
  }

  closed(path: string): void {
    this.#open.delete(path)
    this.changed()
  }

  /** There may be more than there should be. */
  changed(): void {
    if (this.#isTrimDue) return
    this.#isTrimDue = true
    setTimeout(() => {
      this.#isTrimDue = false
      const isOpen = (path: string) => this.#open.has(path)
      trimLogs({ folder: this.#folder, ...this.limits, isOpen }).catch(complain('removing old logs'))
    }, TRIM_SECONDS * 1000).unref()
  }
}
