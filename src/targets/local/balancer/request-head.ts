import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Problem } from './problem.ts'

/** What goes to a backend, ready to be written, and what the balancer must know of it. */
export interface RequestHead {
  readonly kind: 'head'
  readonly method: string
  readonly host: string
  /** Origin-form (or `*`), exactly as the client spelled it. */
  readonly target: string
  readonly text: string
  readonly body: 'none' | 'length' | 'chunked'
  readonly cookie: string | undefined
  /** Repeating the request does no more than making it once (RFC 9110 §9.2.2), and there is nothing but a head. */
  readonly repeatable: boolean
}

interface Refused {
  readonly kind: 'refused'
  readonly problem: Problem
}

interface Fields {
  text: string
  host: string | undefined
  forwardedFor: string
  via: string
  cookie: string
  connection: string
  length: string | undefined
  chunked: boolean
  refused: string | undefined
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const ORDINARY_CONNECTION: ReadonlySet<string> = new Set([
  '',
  'keep-alive',
  'Keep-Alive',
  'close',
  'Upgrade',
  'upgrade',
])
const LAST_PORT = 65_535
const VALID_HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/**
 * Writes the head that a backend gets. Everything is written anew from parsed fields, so no byte that two parsers
 * could read differently passes through. Node's strict parser has already refused bare LF, obs-fold, white space
 * before a colon, repeated Content-Length and Content-Length beside Transfer-Encoding.
 *
 * Trust: listeners are on the loopback interface, so X-Forwarded-For of a request is believed and the peer's address
 * appended (the rightmost entry is the one that the balancer saw); X-Forwarded-Host and -Proto are replaced, because
 * a backend builds links from them; Forwarded is dropped, because nothing here keeps it true.
 */
export function readRequestHead(req: IncomingMessage, upgrade: string | undefined): RequestHead | Refused {
  const method = req.method ?? ''
  if (method === 'TRACE') return refuse(405, 'TRACE is not allowed')
  if (req.httpVersionMajor !== 1) return refuse(505, 'only HTTP/1.0 and HTTP/1.1 are spoken here')
  const fields = readFields(req.rawHeaders)
  const { target, authority } = splitTarget(req.url ?? '', method)
  // RFC 9112 §3.2.2: the target of an absolute-form request wins over Host.
  const host = authority ?? fields.host ?? (req.httpVersionMinor === 0 ? localAddress(req.socket) : '')
  const refused = fields.refused ?? whyRefused(req, { target, host, chunked: fields.chunked })
  if (refused !== undefined || target === undefined)
    return refuse(400, refused ?? 'the request target is invalid')
  const body = fields.chunked
    ? 'chunked'
    : fields.length === undefined || fields.length === '0'
      ? 'none'
      : 'length'
  const peer = req.socket.remoteAddress ?? 'unknown'
  const text =
    `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${fields.text}` +
    `x-forwarded-for: ${fields.forwardedFor}${peer}\r\nx-forwarded-host: ${host}\r\nx-forwarded-proto: http\r\n` +
    `via: ${fields.via}1.${req.httpVersionMinor} sluice\r\n${framingLines(fields, upgrade)}\r\n`
  const cookie = fields.cookie === '' ? undefined : fields.cookie
  const repeatable = body === 'none' && upgrade === undefined && IDEMPOTENT.has(method)
  return { kind: 'head', method, host, target, text, body, cookie, repeatable }
}

function refuse(status: Problem['status'], detail: string): Refused {
  return { kind: 'refused', problem: { status, detail } }
}

function framingLines(fields: Fields, upgrade: string | undefined): string {
  const connection = upgrade === undefined ? '' : `connection: upgrade\r\nupgrade: ${upgrade}\r\n`
  if (fields.chunked) return `${connection}transfer-encoding: chunked\r\n`
  return fields.length === undefined ? connection : `${connection}content-length: ${fields.length}\r\n`
}

function whyRefused(
  req: IncomingMessage,
  seen: { target: string | undefined; host: string; chunked: boolean },
): string | undefined {
  if (seen.target === undefined || seen.target.includes('#')) return 'the request target is invalid'
  if (req.httpVersionMinor === 0 && seen.chunked) return 'Transfer-Encoding needs HTTP/1.1'
  return isHost(seen.host) ? undefined : 'the host is invalid'
}

function isHost(host: string): boolean {
  return VALID_HOST.test(host) && Number(/:(\d+)$/.exec(host)?.[1] ?? 0) <= LAST_PORT
}

/** HTTP/1.0 needs no Host, HTTP/1.1 does. */
function localAddress(socket: Socket): string {
  const { localAddress: address = '', localPort } = socket
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`
}

/** Origin-form passes; absolute-form gives up its authority; `*` belongs to OPTIONS. */
function splitTarget(
  url: string,
  method: string,
): { target: string | undefined; authority: string | undefined } {
  if (url.charCodeAt(0) === 0x2f) return { target: url, authority: undefined }
  if (url === '*') return { target: method === 'OPTIONS' ? url : undefined, authority: undefined }
  const absolute = /^http:\/\/([^/?#]*)(.*)$/i.exec(url)
  if (absolute?.[1] === undefined) return { target: undefined, authority: undefined }
  const rest = absolute[2] ?? ''
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority: absolute[1] }
}

function readFields(raw: string[]): Fields {
  const fields: Fields = {
    text: '',
    host: undefined,
    forwardedFor: '',
    via: '',
    cookie: '',
    connection: '',
    length: undefined,
    chunked: false,
    refused: undefined,
  }
  for (let i = 0; i < raw.length; i += 2) takeField(fields, raw[i] ?? '', raw[i + 1] ?? '')
  if (!ORDINARY_CONNECTION.has(fields.connection)) dropNamed(fields, raw)
  return fields
}

/** RFC 9110 §7.6.1: what Connection names ends here. Written again without them; this is rare. */
function dropNamed(fields: Fields, raw: string[]): void {
  const named = new Set(
    fields.connection
      .toLowerCase()
      .split(',')
      .map(token => token.trim()),
  )
  const kept: Fields = {
    ...fields,
    text: '',
    forwardedFor: '',
    via: '',
    cookie: '',
    host: undefined,
    chunked: false,
  }
  kept.length = undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    // Framing and host are not up to the client: naming them must not make them vanish.
    if (named.has(name) && name !== 'content-length' && name !== 'transfer-encoding' && name !== 'host')
      continue
    takeField(kept, raw[i] ?? '', raw[i + 1] ?? '')
  }
  Object.assign(fields, kept)
}

function takeField(fields: Fields, name: string, value: string): void {
  switch (LENGTHS_OF_INTEREST[name.length] === 1 ? name.toLowerCase() : '') {
    case 'host':
      if (fields.host !== undefined) fields.refused = 'more than one Host'
      fields.host = value
      return
    case 'content-length':
      // Written anew: not every reader takes zeros in front, and none more than it can count.
      if (Number.isSafeInteger(Number(value))) fields.length = String(Number(value))
      else fields.refused = 'Content-Length is too large'
      return
    case 'transfer-encoding':
      if (fields.chunked || value.toLowerCase() !== 'chunked')
        fields.refused = 'Transfer-Encoding must be chunked'
      fields.chunked = true
      return
    case 'connection':
      fields.connection += fields.connection === '' ? value : `,${value}`
      return
    case 'x-forwarded-for':
      fields.forwardedFor += `${value}, `
      return
    case 'via':
      fields.via += `${value}, `
      return
    case 'cookie':
      fields.cookie += fields.cookie === '' ? value : `; ${value}`
      break
    // Expect is answered by this server itself; the others are between two neighbours only, or replaced.
    case 'expect':
    case 'forwarded':
    case 'http2-settings':
    case 'keep-alive':
    case 'proxy-authorization':
    case 'proxy-connection':
    case 'te':
    case 'trailer':
    case 'upgrade':
    case 'x-forwarded-host':
    case 'x-forwarded-proto':
      return
  }
  fields.text += `${name}: ${value}\r\n`
}

/** Most names are ruled out by their length, without writing them in lower case. */
const LENGTHS_OF_INTEREST = (() => {
  const lengths = new Uint8Array(1024)
  for (const length of [2, 3, 4, 6, 7, 9, 10, 14, 15, 16, 17, 19]) lengths[length] = 1
  return lengths
})()
