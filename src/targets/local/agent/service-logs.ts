import { mkdirSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Color } from '../../../model/color.ts'
import type { LogLine } from '../../target.ts'
import { LogFile } from './log-file.ts'
import { LogRing } from './log-ring.ts'

export interface LogLimits {
  /** Bytes of one file. */
  readonly maxBytes: number
  /** Files of one instance. */
  readonly files: number
}

export const LOG_LIMITS: LogLimits = { maxBytes: 10 * 1024 ** 2, files: 5 }

/** Instances whose files are kept after they have ended. */
const KEPT_INSTANCES = 10

/** What one instance prints goes here. */
export interface InstanceLog {
  add(stream: LogLine['stream'], text: string): void
  /** Pending while the files are behind; undefined when they are not. */
  hold(): Promise<void> | undefined
  close(): Promise<void>
}

/** The log lines of one service: in memory for reading, in files for keeping. */
export class ServiceLogs {
  readonly ring = new LogRing()
  readonly #folder: string
  readonly #limits: LogLimits
  readonly #open = new Set<string>()

  constructor(folder: string, limits: LogLimits) {
    this.#folder = folder
    this.#limits = limits
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  open(instance: string, color: Color): InstanceLog {
    this.#open.add(instance)
    const file = new LogFile({ path: join(this.#folder, `${instance}.log`), ...this.#limits })
    return {
      add: (stream, text) => {
        const at = Date.now()
        this.ring.add({ at, color, instance, stream, text })
        file.add(`${new Date(at).toISOString()} ${stream} ${text}\n`)
      },
      hold: () => (file.isBehind ? file.settled() : undefined),
      close: async () => {
        await file.close()
        this.#open.delete(instance)
        await this.#forgetOldest()
      },
    }
  }

  async #forgetOldest(): Promise<void> {
    const ended = new Map<string, number>()
    for (const name of await readdir(this.#folder)) {
      const instance = name.slice(0, name.indexOf('.log'))
      if (this.#open.has(instance)) continue
      const changed = await stat(join(this.#folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      ended.set(instance, Math.max(changed, ended.get(instance) ?? 0))
    }
    const oldest = [...ended].toSorted(([, a], [, b]) => b - a).slice(KEPT_INSTANCES)
    for (const [instance] of oldest) await this.#remove(instance)
  }

  async #remove(instance: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter(name => name.startsWith(`${instance}.log`))
    for (const name of names) await rm(join(this.#folder, name), { force: true })
  }
}
