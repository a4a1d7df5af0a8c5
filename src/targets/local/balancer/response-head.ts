/** How a response's body ends (RFC 9112 §6.3); a number is its length in bytes. */
export type Framing = number | 'chunked' | 'until close'

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  /** Name, value, name, value …, end-to-end ones only. */
  readonly headers: string[]
  readonly framing: Framing
  /** Whether the backend keeps the connection after this response, and for how long it said, in seconds. */
  readonly keepAlive: boolean
  readonly keepAliveSeconds: number | undefined
  readonly upgrade: string | undefined
}

interface Fields {
  headers: string[]
  length: number | undefined
  chunked: boolean
  connection: string | undefined
  keepAliveSeconds: number | undefined
  upgrade: string | undefined
}

/** Reads a response's head (without its empty line); undefined where a reader could understand it in two ways. */
export function parseResponseHead(text: string, method: string): ResponseHead | undefined {
  const lines = text.split('\r\n')
  const [start] = lines
  if (start === undefined) return undefined
  const status = statusOf(start)
  const fields = readFields(lines)
  if (status === undefined || fields === undefined) return undefined
  const minor = start.charCodeAt(7) - 0x30
  if (fields.chunked && (fields.length !== undefined || minor === 0)) return undefined
  const framing = framingOf(status, method, fields)
  return {
    status,
    statusText: start.slice(13),
    headers: endToEnd(fields, status),
    framing,
    keepAlive: framing !== 'until close' && staysOpen(fields.connection, minor),
    keepAliveSeconds: fields.keepAliveSeconds,
    upgrade: fields.upgrade,
  }
}

/** `HTTP/1.1 200 OK`; the reason may be empty, and some leave its space out. */
function statusOf(line: string): number | undefined {
  const status = STATUS_LINE.exec(line)?.[1]
  return status === undefined ? undefined : Number(status)
}

/** No control characters in the reason: a line end there would split the response. */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/

function readFields(lines: string[]): Fields | undefined {
  const fields: Fields = {
    headers: [],
    length: undefined,
    chunked: false,
    connection: undefined,
    keepAliveSeconds: undefined,
    upgrade: undefined,
  }
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const colon = line.indexOf(':')
    // A line that starts with white space continues the one before (obs-fold): nobody agrees on what it means.
    if (colon < 1 || line.charCodeAt(0) <= 0x20) return undefined
    const name = line.slice(0, colon)
    if (!takeField(fields, name, line.slice(colon + 1).trim())) return undefined
  }
  return fields
}

function takeField(fields: Fields, name: string, value: string): boolean {
  switch (name.length) {
    case 7:
      if (name.toLowerCase() === 'upgrade') {
        fields.upgrade = value
        return true
      }
      if (name.toLowerCase() === 'trailer') return true
      break
    case 10: {
      const lower = name.toLowerCase()
      if (lower === 'connection') {
        fields.connection = fields.connection === undefined ? value : `${fields.connection},${value}`
        return true
      }
      if (lower === 'keep-alive') {
        const seconds = /timeout=(\d{1,6})/i.exec(value)?.[1]
        fields.keepAliveSeconds = seconds === undefined ? undefined : Number(seconds)
        return true
      }
      break
    }
    case 14:
      if (name.toLowerCase() === 'content-length') return takeLength(fields, name, value)
      break
    case 16:
      if (name.toLowerCase() === 'proxy-connection') return true
      break
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') {
        if (fields.chunked || value.toLowerCase() !== 'chunked') return false
        fields.chunked = true
        return true
      }
      break
  }
  fields.headers.push(name, value)
  return true
}

function takeLength(fields: Fields, name: string, value: string): boolean {
  if (!/^\d{1,15}$/.test(value)) return false
  const length = Number(value)
  if (fields.length !== undefined) return fields.length === length
  fields.length = length
  fields.headers.push(name, String(length))
  return true
}

function framingOf(status: number, method: string, fields: Fields): Framing {
  if (status === 101) return 'until close'
  if (method === 'HEAD' || status === 204 || status === 304) return 0
  if (fields.chunked) return 'chunked'
  return fields.length ?? 'until close'
}

function endToEnd(fields: Fields, status: number): string[] {
  const { connection, headers } = fields
  const nothingNamed = connection === undefined || connection === 'keep-alive' || connection === 'close'
  if (nothingNamed && status !== 204) return headers
  const dropped = new Set(
    (connection ?? '')
      .toLowerCase()
      .split(',')
      .map(token => token.trim()),
  )
  dropped.delete('content-length')
  // RFC 9110 §8.6: no Content-Length with a 204.
  if (status === 204) dropped.add('content-length')
  return headers.filter((_, index) => !dropped.has((headers[index & ~1] ?? '').toLowerCase()))
}

function staysOpen(connection: string | undefined, minor: number): boolean {
  if (connection === undefined) return minor === 1
  const lower = connection.toLowerCase()
  return minor === 1 ? !lower.includes('close') : lower.includes('keep-alive') && !lower.includes('close')
}
