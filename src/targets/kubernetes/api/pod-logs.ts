import { createInterface } from 'node:readline'
import type { Asking } from './ask.ts'
import type { PodLogLine, PodLogOptions } from './cluster.ts'
import { KINDS } from './cluster-object.ts'
import type { Requests } from './requests.ts'
import { resourcePath } from './resource-path.ts'

interface LogParts {
  readonly asking: Asking
  readonly requests: Requests
  readonly namespace: string
}

/** A container may be silent for as long as it likes. */
const NO_LIMIT = 0
/** Of a reading that is kept until it is whole: lines may be as long as a program likes. */
const LONGEST_READING_BYTES = 16 * 1024 * 1024

/** Ends without an error when aborted, and when the container has ended. */
export async function* podLogs(
  parts: LogParts,
  pod: string,
  options: PodLogOptions,
): AsyncGenerator<PodLogLine, void> {
  const { signal } = options
  try {
    yield* readLogs(parts, pod, options)
  } catch (error) {
    if (signal.aborted) return
    throw parts.asking.inWords(error, signal)
  }
}

async function* readLogs({ asking, requests, namespace }: LogParts, pod: string, options: PodLogOptions) {
  const { container, follow, tail, previous, signal } = options
  const query = {
    container,
    timestamps: 'true',
    tailLines: String(tail),
    limitBytes: follow ? undefined : String(LONGEST_READING_BYTES),
    follow: follow ? 'true' : undefined,
    previous: previous === true ? 'true' : undefined,
  }
  const path = resourcePath({ namespace, kind: KINDS.pod, name: pod, subresource: 'log', query })
  const answer = await asking.open({ method: 'GET', path, signal, silenceMilliseconds: NO_LIMIT })
  if (answer.statusCode !== 200) {
    const refused = { status: answer.statusCode, body: await answer.body.json() }
    throw await requests.refusal(refused, { about: `logs of Pod ${pod}`, signal })
  }
  for await (const line of createInterface({ input: answer.body, crlfDelay: Infinity })) yield readLine(line)
}

function readLine(line: string): PodLogLine {
  const space = line.indexOf(' ')
  const at = Date.parse(line.slice(0, space))
  // A line without a time is the kubelet's own, such as one about a log that can't be read.
  return Number.isNaN(at) ? { at: Date.now(), text: line } : { at, text: line.slice(space + 1) }
}
