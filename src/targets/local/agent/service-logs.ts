import { mkdirSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Color } from '../../../model/color.ts'
import type { LogLine, ServiceRef } from '../../target.ts'
import { LogFile } from './log-file.ts'
import { LogRing } from './log-ring.ts'
import type { LogStore } from './log-store.ts'

/** Instances whose files are kept after they have ended. */
const KEPT_INSTANCES = 10

/** What one instance prints goes here. */
export interface InstanceLog {
  add(stream: LogLine['stream'], text: string): void
  /** Told of bytes that were read; pending while nothing more should be, undefined when more may come. */
  hold(bytes: number): Promise<void> | undefined
  close(): Promise<void>
}

/** The log lines of one service: in memory for reading, in files for keeping. */
export class ServiceLogs {
  readonly ring = new LogRing()
  readonly #folder: string
  readonly #store: LogStore
  readonly #open = new Set<string>()

  constructor(ref: ServiceRef, store: LogStore) {
    this.#folder = store.folderOf(ref)
    this.#store = store
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  open(instance: string, color: Color): InstanceLog {
    this.#open.add(instance)
    const path = join(this.#folder, `${instance}.log`)
    const file = new LogFile({ path, ...this.#store.limits, onTurned: () => this.#store.changed() })
    this.#store.opened(path)
    return {
      add: (stream, text) => {
        const at = Date.now()
        this.ring.add({ at, color, instance, stream, text })
        file.add(`${new Date(at).toISOString()} ${stream} ${text}\n`)
      },
      hold: bytes => {
        const milliseconds = this.#store.pace.read(bytes)
        if (milliseconds < 1) return file.isBehind ? file.settled() : undefined
        return wait(milliseconds).then(() => file.settled())
      },
      close: async () => {
        await file.close()
        this.#store.closed(path)
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
