import { type FileHandle, open, rename } from 'node:fs/promises'

export interface LogFileOptions {
  readonly path: string
  readonly maxBytes: number
  /** Files kept in all: `path`, `path.1` … */
  readonly files: number
}

/** Text waiting to be written, in bytes, above which the source is held. */
const HOLD_BYTES = 1024 ** 2

/** A file that lines are added to and that is turned over when it is full. */
export class LogFile {
  readonly #options: LogFileOptions
  #file: FileHandle | undefined
  #size = 0
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #failed = false

  constructor(options: LogFileOptions) {
    this.#options = options
  }

  /** True while more should not be added: wait for `settled` first. */
  get isBehind(): boolean {
    return this.#waitingBytes > HOLD_BYTES
  }

  add(line: string): void {
    if (this.#failed) return
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

  async close(): Promise<void> {
    await this.settled()
    await this.#file?.close()
    this.#file = undefined
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('')
      this.#waiting = []
      try {
        await this.#write(Buffer.from(text))
      } catch (error) {
        // A full disk must not stop what serves users: the lines stay in memory only.
        this.#failed = true
        console.error(`log file ${this.#options.path}: ${String(error)}`)
      }
      this.#waitingBytes = this.#waiting.reduce((sum, line) => sum + line.length, 0)
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#file ??= await this.#open()
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) {
      await this.#file.close()
      await this.#turnOver()
      this.#file = await this.#open()
    }
    await this.#file.write(bytes)
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
