import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A service of an example, running as a process of its own. */
export interface AppProcess {
  readonly port: number
  readonly origin: string
  /** Every line it wrote so far, on both streams. */
  log(): readonly string[]
  signal(name: NodeJS.Signals): void
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** Stops it, gently first, and waits until it is gone and its last line is read. */
  end(): Promise<void>
}

const stopMilliseconds = 5_000

/** Starts a script on a free port and waits until its log says that it listens. Only `env` and PATH reach it. */
export async function startApp(main: string, env: Readonly<Record<string, string>>): Promise<AppProcess> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, PORT: '0', DRAIN_SECONDS: '0.5', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const exited = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  const listening = new Promise<number>((resolve, reject) => {
    const read = (line: string): void => {
      lines.push(line)
      const port = /"message":"listening".*"port":(\d+)/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    }
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', read)
    void exited.then(code => reject(new Error(`${main} ended with ${code}:\n${lines.join('\n')}`)))
  })
  const end = async (): Promise<void> => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds)
    await exited
    clearTimeout(force)
  }
  const port = await listening
  const origin = `http://127.0.0.1:${port}`
  return { port, origin, log: () => lines, signal: name => void child.kill(name), exited, end }
}
