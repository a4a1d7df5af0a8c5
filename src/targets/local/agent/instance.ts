import { removeTree } from '../../../artifacts/remove-tree.ts'
import type { Workload } from '../../../model/release.ts'
import type { LogLine, Slot } from '../../target.ts'
import type { Adoptable } from './adoptables.ts'
import { complain } from './complain.ts'
import { type HealthWatch, watchHealth } from './health-watch.ts'
import { instanceFolder, prepareInstanceFolder } from './instance-folder.ts'
import { type InstanceOutput, makeOutput, type OutputSink, readOutput } from './instance-output.ts'
import { adoptProcess, type InstanceProcess, startProcess } from './instance-process.ts'
import { processStart } from './process-identity.ts'
import { createRecorder, type Recorder } from './recorded-process.ts'
import type { SlotInstance } from './slot.ts'

export interface InstanceOptions {
  readonly id: string
  readonly slot: Slot
  readonly workload: Workload
  readonly secrets: Readonly<Record<string, string>>
  /** Where the bundle is unpacked. */
  readonly bundle: string
  /** Fails where the bundle is not what its digest names; nothing is started from it then. */
  readonly checkBundle: () => Promise<void>
  readonly command: readonly string[]
  /** The process to begin with, where an earlier agent has left one. */
  readonly adopted: Adoptable | undefined
  /** The instance's own folder, made and removed by it. */
  readonly folder: string
  readonly choosePort: () => Promise<number>
  readonly environment: (port: number) => Record<string, string>
  readonly onLine: (stream: LogLine['stream'], text: string) => void
  /** Takes secret values out of a text. */
  readonly redact: (text: string) => string
  readonly hold: OutputSink['hold']
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
  readonly #recorder: Recorder

  constructor(options: InstanceOptions) {
    this.id = options.id
    this.workload = options.workload
    this.#options = options
    this.#recorder = createRecorder(options.folder)
    this.#running = this.#run(options.adopted)
  }

  /** Where a ready instance answers; undefined while it must not be sent requests. */
  get readyOrigin(): string | undefined {
    return !this.#isReady || this.#isEnding ? undefined : this.#origin
  }

  get hasProcess(): boolean {
    return this.#process !== undefined
  }

  get group(): number | undefined {
    return this.#process?.pid
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
    await this.#recorder.settled()
    // What cannot be removed now is removed when the agent starts next; users must not lose it over a folder.
    await removeTree(this.#options.folder).catch(complain(`removing ${this.#options.folder}`))
    await this.#options.onEnded().catch(complain(`closing the log of ${this.id}`))
    this.#options.onChange()
  }

  /** One life of the process, from its preparation until the next start is planned. */
  async #run(adopted?: Adoptable): Promise<void> {
    try {
      const ending = await this.#live(adopted)
      if (ending !== undefined) this.#planRestart(ending)
    } catch (error) {
      this.#planRestart(`cannot be prepared: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** How the process ended; undefined where the instance was ended before or meanwhile. */
  async #live(adopted: Adoptable | undefined): Promise<string | undefined> {
    const running = adopted === undefined ? await this.#start() : this.#adopt(adopted)
    if (running === undefined) return undefined
    const started = performance.now()
    // Whoever makes an instance does not know it yet while it is being made.
    queueMicrotask(this.#options.onChange)
    const ending = await running.ended
    this.#health?.stop()
    if (this.#wasReady && performance.now() - started > STABLE_SECONDS * 1000) this.#failures = 0
    this.#isReady = false
    const isLeft = !this.#isEnding
    this.#process = undefined
    this.#options.onChange()
    if (isLeft) await running.kill()
    await running.outputEnded
    return !this.#isEnding ? this.#inWords(ending) : undefined
  }

  /** Undefined where the instance was ended meanwhile. */
  async #start(): Promise<InstanceProcess | undefined> {
    const { workload, secrets, bundle, command, choosePort, environment, checkBundle } = this.#options
    const folder = instanceFolder(this.#options.folder)
    await checkBundle()
    await this.#recorder.settled()
    await prepareInstanceFolder(folder, workload, secrets)
    const port = await choosePort()
    const output = await makeOutput(folder.path, this.#sink)
    if (this.#isEnding) {
      output.handOver()
      return undefined
    }
    this.#lastLines = []
    this.#endedFor = undefined
    this.#wasReady = false
    const started = startProcess({ command, folder: bundle, environment: environment(port), output })
    const { pid } = started
    this.#process = started
    if (pid !== undefined) this.#watch({ pid, start: processStart(pid), port })
    return started
  }

  /** Goes on with a process that an earlier agent has left: it answers as before, and is asked for its health. */
  #adopt({ pid, start, port, isReady }: Adoptable): InstanceProcess {
    const { path, root } = instanceFolder(this.#options.folder)
    let output: InstanceOutput | undefined
    try {
      output = readOutput(path, this.#sink)
    } catch (error) {
      complain(`reading the output of ${this.id}`)(error)
    }
    const adopted = adoptProcess({ pid, start, mark: `SLUICE_ROOT=${root}\0` }, output)
    this.#process = adopted
    // Nobody would read what it prints, and it would wait for that one day.
    if (output === undefined) void adopted.stop(this.workload.spec.graceSeconds)
    this.#isReady = isReady && output !== undefined
    this.#wasReady = isReady
    this.#watch({ pid, start: Promise.resolve(start), port })
    return adopted
  }

  get #sink(): OutputSink {
    return { onLine: (stream, text) => this.#line(stream, text), hold: this.#options.hold }
  }

  #watch(running: Running): void {
    const record = () => this.#record(running)
    record()
    this.#origin = `http://127.0.0.1:${running.port}`
    this.#health = watchHealth({
      origin: this.#origin,
      health: this.workload.spec.health,
      isReady: this.#isReady,
      onReady: () => {
        this.#isReady = true
        this.#wasReady = true
        this.#crash = undefined
        this.#unready = undefined
        record()
        this.#options.onChange()
      },
      onUnready: why => {
        const wasReady = this.#isReady
        const changed = wasReady || this.#unready !== why
        this.#isReady = false
        this.#unready = why
        if (wasReady) record()
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

  #record({ pid, port, ...running }: Running): void {
    const { id, slot, workload } = this.#options
    const { environment, service, color } = slot
    const { release, artifact } = workload
    this.#recorder.write(async () => {
      const start = await running.start
      if (start === undefined || this.#process?.pid !== pid) return undefined
      const isReady = this.#isReady
      const what = { release, artifact: artifact.digest, port, isReady }
      return { pid, start, instance: { environment, service, color, id, ...what } }
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

/** A process as it is written down. */
interface Running {
  readonly pid: number
  readonly start: Promise<string | undefined>
  readonly port: number
}
