// What users of an end-to-end test talk to: it names its release and color, streams both ways and speaks WebSocket.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'

const { PORT, HOST, SLUICE_RELEASE = '', SLUICE_COLOR = '' } = process.env
const isBroken = existsSync(new URL('BROKEN', import.meta.url))
const CHUNK_BYTES = 65_536
const identity = { 'x-release': SLUICE_RELEASE, 'x-color': SLUICE_COLOR }

const answers = {
  '/health': () => ({ status: 200 }),
  '/ready': () => ({ status: 200 }),
  '/pid': () => ({ status: 200, body: String(process.pid) }),
  '/': () => ({ status: isBroken ? 500 : 200, body: 'hello\n' }),
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://app')
  if (url.pathname === '/down') return sendBytes(response, Number(url.searchParams.get('bytes')))
  if (url.pathname === '/up') return receiveBytes(request, response)
  const { status, body = '' } = answers[url.pathname]?.() ?? { status: 404 }
  response.writeHead(status, identity).end(body)
})

/** Every chunk differs from all others, so that a lost, doubled or misplaced one changes the hash. */
async function sendBytes(response, bytes) {
  response.writeHead(200, { ...identity, 'content-length': bytes })
  for (let sent = 0, number = 0; sent < bytes && !response.destroyed; number += 1) {
    const seed = createHash('sha256').update(String(number)).digest()
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - sent), seed)
    sent += chunk.length
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

async function receiveBytes(request, response) {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    hash.update(chunk)
  }
  response.writeHead(200, { ...identity, 'content-type': 'application/json' })
  response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }))
}

// RFC 6455: the handshake, and every text frame of up to 65,535 bytes sent back.
server.on('upgrade', (request, socket, head) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  socket.on('error', () => socket.destroy())
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
      `sec-websocket-accept: ${accept}\r\nx-color: ${SLUICE_COLOR}\r\n\r\n`,
  )
  let rest = head
  socket.on('data', data => {
    rest = Buffer.concat([rest, data])
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.length)
      socket.write(writeFrame(frame))
      if (frame.opcode === 8) socket.end()
    }
  })
})

function readFrame(bytes) {
  if (bytes.length < 2) return undefined
  const short = bytes[1] & 0x7f
  const start = short === 126 ? 4 : 2
  if (bytes.length < start) return undefined
  const size = short === 126 ? bytes.readUInt16BE(2) : short
  const length = start + 4 + size
  if (bytes.length < length) return undefined
  const mask = bytes.subarray(start, start + 4)
  const payload = Buffer.from(bytes.subarray(start + 4, length)).map((byte, index) => byte ^ mask[index % 4])
  return { opcode: bytes[0] & 0x0f, payload, length }
}

function writeFrame({ opcode, payload }) {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, payload])
}

server.listen(Number(PORT), HOST)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
