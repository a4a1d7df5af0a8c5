import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { clusterProgram } from './cluster-programs.ts'

export interface TrafficOptions {
  readonly url: string
  readonly ratePerSecond: number
  /** `kept`: as browsers and proxies do; `fresh`: a new one for each request. */
  readonly connections: 'kept' | 'fresh'
  /** The Host header, where it is not the URL's. */
  readonly host?: string
}

/** What users saw. Times are milliseconds since 1970, of when a request was sent. */
export interface TrafficReport {
  readonly sent: number
  readonly failed: number
  /** Sent again by the client itself, since the server had just closed a kept connection: no failure (RFC 9110, 9.2.2). */
  readonly retried: number
  /** The first thousand, in the order of time. */
  readonly failures: readonly TrafficFailure[]
  readonly seconds: readonly TrafficSecond[]
  readonly versions: Readonly<Record<string, TrafficSpan>>
  readonly colors: Readonly<Record<string, TrafficSpan>>
  /** Of answers, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface TrafficFailure {
  readonly at: number
  readonly tookMilliseconds: number
  /** 0 where there was no answer. */
  readonly status: number
  readonly reason: string
}

export interface TrafficSecond {
  readonly at: number
  readonly sent: number
  readonly failed: number
  readonly versions: Readonly<Record<string, number>>
  readonly colors: Readonly<Record<string, number>>
}

/** Who answered how often, and when first and last. */
export interface TrafficSpan {
  readonly count: number
  readonly first: number
  readonly last: number
}

export interface Traffic {
  /** Waits for what is under way, too. */
  stop(): Promise<TrafficReport>
}

/**
 * Sends users from the host at a steady rate that slow answers do not hold back; resolves with the first answer. Ends with
 * this process at the latest.
 */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const load = startLoadProgram(loadArguments(options))
  await Promise.race([once(createInterface(load.child.stderr), 'line'), load.report])
  return {
    stop() {
      load.child.stdin.end()
      return load.report
    },
  }
}

/** The same for so many requests. */
export async function sendTraffic(options: TrafficOptions, requests: number): Promise<TrafficReport> {
  const load = startLoadProgram([...loadArguments(options), `-requests=${requests}`])
  load.child.stderr.resume()
  return await load.report
}

function loadArguments({ url, ratePerSecond, connections, host = '' }: TrafficOptions): readonly string[] {
  return [
    `-url=${url}`,
    `-rate=${ratePerSecond}`,
    `-host=${host}`,
    '-held',
    ...(connections === 'fresh' ? ['-fresh'] : []),
  ]
}

function startLoadProgram(args: readonly string[]) {
  const child = spawn(clusterProgram('load'), args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const report = text(child.stdout).then(async (said): Promise<TrafficReport> => {
    const [code] = await exit
    if (code !== 0) throw new Error(`the load program ended with ${code}`)
    return JSON.parse(said)
  })
  // Whoever asks for it hears of a failure.
  report.catch(() => {})
  return { child, report }
}
