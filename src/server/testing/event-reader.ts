import { connect } from 'node:net'

const KEPT_CHARACTERS = 100_000

/** A client of server-sent events that can be told to stop reading. */
export function readEvents(o: {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}) {
  const url = new URL(o.path, o.origin)
  const socket = connect(Number(url.port), url.hostname)
  const headers = { host: url.host, ...o.headers }
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
  const state = { text: '', rest: '', closed: false }
  const ids: number[] = []
  socket.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1')
    // Enough to look at; streams of many megabytes are counted as they come.
    if (state.text.length < KEPT_CHARACTERS) state.text += text
    const lines = (state.rest + text).split('\n')
    state.rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('id: ')) ids.push(Number(line.slice('id: '.length)))
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    state.closed = true
  })
  return { socket, ids: () => [...ids], text: () => state.text, isClosed: () => state.closed }
}
