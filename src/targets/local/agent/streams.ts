import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { LogLine, ServiceRef } from '../../target.ts'
import type { Events } from './events.ts'
import type { Fleet } from './fleet.ts'
import type { LogRing } from './log-ring.ts'
import { readColor } from './requests.ts'

/** Events as lines of JSON: first every known service, since whoever comes (back) may have missed something. */
export async function streamEvents(
  { fleet, events }: { readonly fleet: Fleet; readonly events: Events },
  { response, signal }: { readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  // One entry a service however slow the reader is: an event only says "look again".
  const pending = new Map<string, ServiceRef>()
  const flush = () => {
    if (response.writableNeedDrain || pending.size === 0) return
    const lines = [...pending.values()].map(ref => `${JSON.stringify(ref)}\n`)
    pending.clear()
    response.write(lines.join(''))
  }
  const add = (ref: ServiceRef) => {
    if (pending.size === 0) queueMicrotask(flush)
    pending.set(`${ref.environment}/${ref.service}`, ref)
  }
  response.on('drain', flush)
  const stop = events.listen(add)
  writeHead(response)
  for (const { ref } of fleet.services) add(ref)
  if (!signal.aborted) await once(signal, 'abort')
  stop()
}

/** Log lines as lines of JSON, at the pace of the reader. */
export async function streamLogs(o: {
  readonly ring: LogRing | undefined
  readonly url: URL
  readonly response: ServerResponse
  readonly signal: AbortSignal
}): Promise<void> {
  const { ring, response, signal } = o
  const { tail, follow, wanted } = readOptions(o.url)
  writeHead(response)
  let next = ring?.next ?? 0
  const past = ring?.from(0).filter(wanted) ?? []
  await writeLines(tail === 0 ? [] : past.slice(-tail), o)
  if (!follow || ring === undefined) {
    response.end()
    return
  }
  while (!signal.aborted) {
    const lines = ring.from(next)
    next = ring.next
    await writeLines(lines.filter(wanted), o)
    if (ring.next === next) await ring.added(signal)
  }
}

function readOptions({ searchParams }: URL): {
  readonly tail: number
  readonly follow: boolean
  readonly wanted: (line: LogLine) => boolean
} {
  const color = searchParams.get('color')
  const only = color === null ? undefined : readColor(color)
  const tail = Math.max(0, Math.floor(Number(searchParams.get('tail') ?? 0)) || 0)
  return {
    tail,
    follow: searchParams.get('follow') === 'true',
    wanted: line => only === undefined || line.color === only,
  }
}

async function writeLines(
  lines: readonly LogLine[],
  { response, signal }: { readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  if (lines.length === 0 || signal.aborted) return
  const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')
  if (!response.write(text)) await once(response, 'drain', { signal }).catch(() => undefined)
}

function writeHead(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
}
