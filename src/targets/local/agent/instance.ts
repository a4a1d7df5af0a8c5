import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../../artifacts/remove-tree.ts'
import type { Workload } from '../../../model/release.ts'
import type { LogLine } from '../../target.ts'
import { complain } from './complain.ts'
import { type HealthWatch, watchHealth } from './health-watch.ts'
import { instanceFolder, prepareInstanceFolder } from './instance-folder.ts'
import { type InstanceProcess, startProcess } from './instance-process.ts'
import { processStart } from './process-identity.ts'
import type { SlotInstance } from './slot.ts'

export interface InstanceOptions {
  readonly id: string
  readonly workload: Workload
  readonly secrets: Readonly<Record<string, string>>
  /** Where the bundle is unpacked. */
  readonly bundle: string
  readonly command: readonly string[]
  /** The instance's own folder, made and removed by it. */
  readonly folder: string
  readonly choosePort: () => Promise<number>
  readonly environment: (port: number) => Record<string, string>
  readonly onLine: (stream: LogLine['stream'], text: string) => void
  /** Takes secret values out of a text. */
  readonly redact: (text: string) => string
  readonly hold: () => Promise<void> | undefined
  /** Readiness, problem or existence changed. */
  readonly onChange: () => void
  /** Resolves once no request is answered by the instance any more, or after the time. */
  readonly drain: (timeoutSeconds: number) => Promise<void>
  /** Everything of the instance is gone. */
  readonly onEnded: () => Promise<void>
}

const FIRST_PAUSE_SECONDS = 0.5
const LONGEST_PAUSE_SECONDS = 30
/** An instance that became ready and lived this long has its earlier failures forgiven. */
const STABLE_SECONDS = 60
/** For so long, not to be ready is no problem yet. */
const STARTING_SECONDS = 5
const LINES_TOLD = 5
const CHARACTERS_TOLD = 300

/** Keeps one process of a workload running, started again whenever it ends, until the instance is ended. */
export class Instance implements SlotInstance {
  readonly id: string
  readonly workload: Workload
  readonly #options: InstanceOptions
  readonly #created = performance.now()
  #process: InstanceProcess | undefined
  #health: HealthWatch | undefined
  #origin: string | undefined
  #isReady = false
  #wasReady = false
  #failures = 0
  /** Why the last process ended, until another one is ready. */
  #crash: string | undefined
  /** Why the present process is not ready. */
  #unready: string | undefined
  #lastLines: string[] = []
  #retry: NodeJS.Timeout | undefined
  /** Why it was made to end, where its own health was the reason. */
  #endedFor: string | undefined
  #isEnding = false
  #end: Promise<void> | undefined
  #running: Promise<void>

  constructor(options: InstanceOptions) {
    this.id = options.id
    this.workload = options.workload
    this.#options = options
    this.#running = this.#run()
  }

  /** Where a ready instance answers; undefined while it must not be sent requests. */
  get readyOrigin(): string | undefined {
    return !this.#isReady || this.#isEnding ? undefined : this.#origin
  }

  get hasProcess(): boolean {
    return this.#process !== undefined
  }

  /** Why it is not ready, in words; undefined while there is nothing to say. */
  get problem(): string | undefined {
    if (this.readyOrigin !== undefined) return undefined
    const isStarting = this.#failures === 0 && performance.now() - this.#created < STARTING_SECONDS * 1000
    return isStarting ? undefined : (this.#crash ?? this.#unready)
  }

  /** Somebody saw it fail: no more requests until it has been asked and is ready. */
  suspect(): void {
    this.#isReady = false
    this.#health?.suspect()
    this.#options.onChange()
  }

  /** Drains, asks the processes to end, ends them. Calling it again waits for the same end. */
  end(graceSeconds: number): Promise<void> {
    this.#isEnding = true
    this.#end ??= this.#endProcesses(graceSeconds)
    return this.#end
  }

  async #endProcesses(graceSeconds: number): Promise<void> {
    clearTimeout(this.#retry)
    const served = this.#isReady
    this.#options.onChange()
    if (served) await this.#options.drain(graceSeconds)
    this.#health?.stop()
    await this.#process?.stop(graceSeconds)
    await this.#running
    // What cannot be removed now is removed when the agent starts next; users must not lose it over a folder.
    await removeTree(this.#options.folder).catch(complain(`removing ${this.#options.folder}`))
    await this.#options.onEnded().catch(complain(`closing the log of ${this.id}`))
    this.#options.onChange()
  }

  /** One life of the process, from its preparation until the next start is planned. */
  async #run(): Promise<void> {
    try {
      const ending = await this.#live()
      if (ending !== undefined) this.#planRestart(ending)
    } catch (error) {
      this.#planRestart(`cannot be prepared: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** How the process ended; undefined where the instance was ended before or meanwhile. */
  async #live(): Promise<string | undefined> {
    const { workload, secrets, bundle, command, choosePort, environment } = this.#options
    const folder = instanceFolder(this.#options.folder)
    await prepareInstanceFolder(folder, workload, secrets)
    const port = await choosePort()
    if (this.#isEnding) return undefined
    this.#lastLines = []
    this.#endedFor = undefined
    this.#wasReady = false
    const started = performance.now()
    this.#process = startProcess({
      command,
      folder: bundle,
      environment: environment(port),
      onLine: (stream, text) => this.#line(stream, text),
      hold: this.#options.hold,
    })
    const { pid, ended, outputEnded } = this.#process
    if (pid !== undefined) {
      void recordProcess(folder.path, pid)
      this.#watch(`http://127.0.0.1:${port}`)
    }
    this.#options.onChange()
    const ending = await ended
    this.#health?.stop()
    if (this.#wasReady && performance.now() - started > STABLE_SECONDS * 1000) this.#failures = 0
    this.#isReady = false
    if (!this.#isEnding) this.#process.kill()
    this.#process = undefined
    this.#options.onChange()
    await outputEnded
    return !this.#isEnding ? this.#inWords(ending) : undefined
  }

  #watch(origin: string): void {
    this.#origin = origin
    this.#health = watchHealth({
      origin,
      health: this.workload.spec.health,
      onReady: () => {
        this.#isReady = true
        this.#wasReady = true
        this.#crash = undefined
        this.#unready = undefined
        this.#options.onChange()
      },
      onUnready: why => {
        const changed = this.#isReady || this.#unready !== why
        this.#isReady = false
        this.#unready = why
        if (changed) this.#options.onChange()
      },
      onDead: why => {
        this.#endedFor = why
        this.#unready = why
        this.#isReady = false
        this.#options.onChange()
        void this.#process?.stop(this.workload.spec.graceSeconds)
      },
    })
  }

  #planRestart(why: string): void {
    if (this.#isEnding) return
    const seconds = Math.min(FIRST_PAUSE_SECONDS * 2 ** this.#failures, LONGEST_PAUSE_SECONDS)
    this.#failures += 1
    const times = this.#failures === 1 ? '' : ` (${this.#failures} times so far)`
    const lines =
      this.#lastLines.length === 0 ? 'it printed nothing' : `its last lines:\n${this.#lastLines.join('\n')}`
    this.#crash = `${why}${times}; started again after ${seconds} s; ${lines}`
    this.#retry = setTimeout(() => {
      this.#running = this.#run()
    }, seconds * 1000)
    this.#options.onChange()
  }

  #inWords(ending: string): string {
    return this.#endedFor === undefined ? ending : `${ending} after ${this.#endedFor}`
  }

  #line(stream: LogLine['stream'], text: string): void {
    const clean = this.#options.redact(text)
    this.#lastLines.push(clean.slice(0, CHARACTERS_TOLD))
    if (this.#lastLines.length > LINES_TOLD) this.#lastLines.shift()
    this.#options.onLine(stream, clean)
  }
}

/** The name of the file by which a later agent knows what an earlier one has left running. */
export const PROCESS_FILE = 'process.json'

export interface RecordedProcess {
  readonly pid: number
  readonly start: string
}

async function recordProcess(folder: string, pid: number): Promise<void> {
  const start = await processStart(pid)
  if (start === undefined) return
  const recorded: RecordedProcess = { pid, start }
  // The instance may have ended, and its folder with it.
  await writeFile(join(folder, PROCESS_FILE), JSON.stringify(recorded), { mode: 0o600 }).catch(
    () => undefined,
  )
}
