import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'

const BYTES = 100 * 1000 ** 2
const CHUNK_BYTES = 65_536
const PATIENT = { timeout: 90_000 }

let rig: E2eRig
let version = 0
beforeEach(async () => {
  rig = await startRig()
  await rig.promoteAndWait(await nextRelease())
})
afterEach(() => rig.end())

const nextRelease = (): Promise<string> => rig.release(String((version += 1)))

/** All users go to a new release. */
async function switchUsers(): Promise<void> {
  const { to } = await rig.promoteAndWait(await nextRelease())
  expect(await colorNow()).toBe(to.color)
}

/** All users go back to the release before. */
async function takeUsersBack(): Promise<void> {
  const { from } = await rig.rollbackAndWait()
  expect(await colorNow()).toBe(from?.color)
}

async function colorNow(): Promise<string | null> {
  const answer = await fetch(rig.origin)
  await answer.arrayBuffer()
  return answer.headers.get('x-color')
}

describe('a WebSocket', () => {
  it('stays connected through a switch and the rollback after it', PATIENT, async () => {
    const socket = await openSocket()
    expect(await echo(socket, 'before')).toBe('before')
    await switchUsers()
    expect(await echo(socket, 'x'.repeat(20_000))).toBe('x'.repeat(20_000))
    await takeUsersBack()
    expect(await echo(socket, 'after')).toBe('after')
    await closeSocket(socket)
  })

  it(
    'that was opened on the new release ends in peace when users are taken back from it',
    PATIENT,
    async () => {
      await switchUsers()
      const socket = await openSocket()
      await takeUsersBack()
      expect(await echo(socket, 'still here')).toBe('still here')
      await closeSocket(socket)
    },
  )
})

describe('a body of 100 MB', () => {
  it('that is sent to the user arrives whole when a switch happens in the middle', PATIENT, async () => {
    await expectWholeDownload(switchUsers)
  })

  it('that is sent to the user arrives whole when a rollback happens in the middle', PATIENT, async () => {
    await switchUsers()
    await expectWholeDownload(takeUsersBack)
  })

  it('that the user sends arrives whole when a switch happens in the middle', PATIENT, async () => {
    await expectWholeUpload(switchUsers)
  })

  it('that the user sends arrives whole when a rollback happens in the middle', PATIENT, async () => {
    await switchUsers()
    await expectWholeUpload(takeUsersBack)
  })
})

async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(rig.origin.replace('http', 'ws'))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return socket
}

function echo(socket: WebSocket, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => resolve(data), { once: true })
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed with ${code}`)), { once: true })
    socket.send(text)
  })
}

async function closeSocket(socket: WebSocket): Promise<void> {
  const closed = new Promise<CloseEvent>(resolve => socket.addEventListener('close', resolve, { once: true }))
  socket.close(1000)
  expect(await closed).toMatchObject({ code: 1000, wasClean: true })
}

/** Reads a tenth, stops reading, lets things happen, reads the rest. */
async function expectWholeDownload(happen: () => Promise<void>): Promise<void> {
  const color = await colorNow()
  const [answer]: IncomingMessage[] = await once(
    httpRequest(`${rig.origin}/down?bytes=${BYTES}`).end(),
    'response',
  )
  if (answer === undefined) throw new Error('no answer')
  const seen = { bytes: 0, hash: createHash('sha256'), hasPaused: false }
  for await (const chunk of answer) {
    seen.bytes += chunk.length
    seen.hash.update(chunk)
    if (!seen.hasPaused && seen.bytes > BYTES / 10) {
      seen.hasPaused = true
      await happen()
    }
  }
  expect(seen.hasPaused).toBe(true)
  expect(answer.headers['x-color']).toBe(color)
  expect(seen.bytes).toBe(BYTES)
  expect(seen.hash.digest('hex')).toBe(hashOfChunks().digest('hex'))
}

/** Sends the half, lets things happen, sends the rest. */
async function expectWholeUpload(happen: () => Promise<void>): Promise<void> {
  const color = await colorNow()
  const request = httpRequest(`${rig.origin}/up`, {
    method: 'POST',
    headers: { 'content-length': BYTES },
  })
  const answered = once(request, 'response')
  let sent = 0
  let hasPaused = false
  for (const chunk of chunks()) {
    await write(request, chunk)
    sent += chunk.length
    if (hasPaused || sent < BYTES / 2) continue
    hasPaused = true
    await happen()
  }
  request.end()
  const [answer]: IncomingMessage[] = await answered
  if (answer === undefined) throw new Error('no answer')
  expect(answer.headers['x-color']).toBe(color)
  expect(await json(answer)).toEqual({ bytes: BYTES, sha256: hashOfChunks().digest('hex') })
}

async function write(request: ClientRequest, chunk: Buffer): Promise<void> {
  if (!request.write(chunk)) await once(request, 'drain')
}

/** As the app makes them: each differs from all others. */
function* chunks(): Generator<Buffer> {
  for (let sent = 0, number = 0; sent < BYTES; number += 1) {
    const seed = createHash('sha256').update(String(number)).digest()
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, BYTES - sent), seed)
    sent += chunk.length
    yield chunk
  }
}

function hashOfChunks(): Hash {
  const hash = createHash('sha256')
  for (const chunk of chunks()) hash.update(chunk)
  return hash
}
