import { type FileHandle, open, rename } from 'node:fs/promises'

export interface LogFileOptions {
  readonly path: string
  readonly maxBytes: number
  /** Files kept in all: `path`, `path.1` … */
  readonly files: number
  /** It was turned over: another file is there. */
  readonly onTurned?: () => void
}

/** Text waiting to be written, in bytes, above which the source is held. */
const HOLD_BYTES = 1024 ** 2
/** After a failure, so long nothing is tried; what is added meanwhile stays in memory only. */
const RETRY_MILLISECONDS = 1000

/** A file that lines are added to and that is turned over when it is full. */
export class LogFile {
  readonly #options: LogFileOptions
  #file: FileHandle | undefined
  #size = 0
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #retryAt = 0
  #lost = 0
  #isClosed = false

  constructor(options: LogFileOptions) {
    this.#options = options
  }

  /** True while more should not be added: wait for `settled` first. */
  get isBehind(): boolean {
    return this.#waitingBytes > HOLD_BYTES
  }

  add(line: string): void {
    // A process that left its group may print for ever: the file would stay open as long.
    if (this.#isClosed) return
    if (performance.now() < this.#retryAt) {
      this.#lost += 1
      return
    }
    this.#waiting.push(line)
    this.#waitingBytes += line.length
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves once everything added so far is in the file. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** What is added later is not kept. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.settled()
    await this.#closeFile()
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      try {
        await this.#write(Buffer.from(this.#note() + lines.join('')))
        this.#lost = 0
      } catch (error) {
        await this.#failed(error, lines.length)
      }
      this.#waitingBytes = this.#waiting.reduce((sum, line) => sum + line.length, 0)
    }
  }

  /** Begins a new line, since a part of the one before may be there. */
  #note(): string {
    return this.#lost === 0 ? '' : `\n(${this.#lost} lines could not be written here)\n`
  }

  /** A full disk must not stop what serves users: the lines stay in memory only, and later ones are tried again. */
  async #failed(error: unknown, lines: number): Promise<void> {
    if (this.#lost === 0) console.error(`log file ${this.#options.path}: ${String(error)}`)
    this.#lost += lines
    this.#retryAt = performance.now() + RETRY_MILLISECONDS
    // How much of it is there is not known: opening it again tells.
    await this.#closeFile().catch(() => undefined)
  }

  async #closeFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#file ??= await this.#open()
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) {
      await this.#closeFile()
      await this.#turnOver()
      this.#file = await this.#open()
      this.#options.onTurned?.()
    }
    // A single write may take only a part, as the last one before the disk is full does, and not fail.
    await this.#file.appendFile(bytes)
    this.#size += bytes.length
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#options.path, 'a', 0o600)
    this.#size = (await file.stat()).size
    return file
  }

  async #turnOver(): Promise<void> {
    const { path, files } = this.#options
    for (let number = files - 2; number >= 0; number -= 1) {
      const from = number === 0 ? path : `${path}.${number}`
      await rename(from, `${path}.${number + 1}`).catch(() => undefined)
    }
  }
}
