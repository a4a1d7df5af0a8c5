import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import type { ImageReference } from './image-reference.ts'
import { type ResolveOptions, resolveImage } from './registry.ts'
import { registryOrigin } from './registry-session.ts'

const manifest = '{"schemaVersion":2}'
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}` as const
const otherDigest = `sha256:${'0'.repeat(64)}` as const
const indexType = 'application/vnd.oci.image.index.v1+json'
const login = { username: 'me', password: 'hunter2' }

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server on loopback that remembers what it was asked. */
async function serve(handler: Handler, host = '127.0.0.1') {
  const seen: { method: string; url: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, authorization: headers.authorization })
    handler(request, response)
  })
  await new Promise<void>(listening => server.listen(0, host, listening))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
  })
  return { registry: `${host}:${portOf(server)}`, seen }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return address.port
}

function sendManifest(response: ServerResponse, headers: Record<string, string> = {}, body = manifest): void {
  response
    .writeHead(200, { 'content-type': indexType, 'docker-content-digest': digest, ...headers })
    .end(body)
}

function image(
  registry: string,
  more: { tag?: string; digest?: ImageReference['digest'] } = {},
): ImageReference {
  const { digest: wanted, tag } = more
  return {
    kind: 'reference',
    registry,
    name: 'team/app',
    ...(tag === undefined ? {} : { tag }),
    ...(wanted === undefined ? {} : { digest: wanted }),
  }
}

async function resolve(reference: ImageReference, options: Partial<ResolveOptions> = {}) {
  const found = await resolveImage(reference, { signal: new AbortController().signal, ...options })
  expect(JSON.stringify(found)).not.toMatch(/hunter2|secret-token/)
  return found
}

async function reasonWith(handler: Handler, options: Partial<ResolveOptions> = {}): Promise<string> {
  const { registry } = await serve(handler)
  const found = await resolve(image(registry, { tag: 'v1' }), options)
  if (found.kind !== 'unresolved') throw new Error('it was resolved')
  expect(found.message).toContain(`${registry}/team/app:v1: `)
  expect(found.remedy).not.toBe('')
  return found.reason
}

it('resolves a tag to the hash of what the registry sends for it', async () => {
  const { registry, seen } = await serve((_request, response) => sendManifest(response))
  expect(await resolve(image(registry, { tag: 'v1' }))).toEqual({
    kind: 'image',
    digest,
    repository: `${registry}/team/app`,
    tag: 'v1',
  })
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'HEAD /v2/team/app/manifests/v1',
    `GET /v2/team/app/manifests/${digest}`,
  ])
})

it('takes the tag latest where a reference has neither tag nor digest', async () => {
  const { registry, seen } = await serve((_request, response) => sendManifest(response))
  expect(await resolve(image(registry))).toMatchObject({ tag: 'latest' })
  expect(seen[0]?.url).toBe('/v2/team/app/manifests/latest')
})

it('only looks for an image whose digest is given', async () => {
  const { registry, seen } = await serve((_request, response) => sendManifest(response))
  expect(await resolve(image(registry, { digest }))).toEqual({
    kind: 'image',
    digest,
    repository: `${registry}/team/app`,
  })
  expect(new Set(seen.map(({ url }) => url))).toEqual(new Set([`/v2/team/app/manifests/${digest}`]))
  expect(await resolve(image(registry, { digest: otherDigest }))).toMatchObject({ reason: 'mismatch' })
})

it('reads by tag where a registry does not answer HEAD', async () => {
  const { registry } = await serve((request, response) => {
    if (request.method === 'HEAD') response.writeHead(405).end()
    else sendManifest(response)
  })
  expect(await resolve(image(registry))).toMatchObject({ kind: 'image', digest })
})

it.each<[string, string, Handler]>([
  ['has no such image', 'not-found', (_, response) => response.writeHead(404).end()],
  ['hides it', 'unauthorized', (_, response) => response.writeHead(403).end()],
  ['wants a login in no known way', 'unauthorized', (_, response) => response.writeHead(401).end()],
  ['has had enough', 'rate-limited', (_, response) => response.writeHead(429).end()],
  ['fails', 'unreachable', (_, response) => response.writeHead(503).end()],
  ['hangs up', 'unreachable', (_, response) => response.destroy()],
  ['answers oddly', 'unexpected', (_, response) => response.writeHead(418).end()],
  [
    'redirects to itself',
    'unexpected',
    ({ url }, response) => response.writeHead(307, { location: url }).end(),
  ],
  ['redirects to nowhere', 'unsafe', (_, response) => response.writeHead(307).end()],
  [
    'redirects to plain http',
    'unsafe',
    (_, response) => response.writeHead(302, { location: 'http://a.test/' }).end(),
  ],
  [
    'redirects to a URL with a password',
    'unsafe',
    (_, response) => response.writeHead(302, { location: 'https://a:b@a.test/' }).end(),
  ],
  [
    'names another digest',
    'mismatch',
    (_, response) => sendManifest(response, { 'docker-content-digest': otherDigest }),
  ],
  [
    'changes its mind',
    'mismatch',
    ({ method }, response) =>
      sendManifest(response, method === 'HEAD' ? { 'docker-content-digest': otherDigest } : {}),
  ],
  [
    'names a digest of another kind',
    'no-digest',
    (_, response) => sendManifest(response, { 'docker-content-digest': 'sha512:00' }),
  ],
  [
    'names no digest',
    'no-digest',
    (_, response) => response.writeHead(200, { 'content-type': indexType }).end(manifest),
  ],
  [
    'sends something else',
    'not-an-image',
    (_, response) => sendManifest(response, { 'content-type': 'text/html' }),
  ],
  ['sends too much', 'too-large', (_, response) => sendManifest(response, {}, 'x'.repeat(4 * 1024 ** 2 + 1))],
  [
    'breaks off',
    'unreachable',
    ({ method }, response) => {
      response.writeHead(200, { 'docker-content-digest': digest, 'content-length': '100' })
      if (method === 'HEAD') response.end()
      else response.write('x', () => response.destroy())
    },
  ],
])('says so where the registry %s (%s)', async (_what, reason, handler) => {
  expect(await reasonWith(handler)).toBe(reason)
})

it('says so where nobody answers', async () => {
  const { registry } = await serve(() => {})
  const slow = await resolve(image(registry), { timeoutSeconds: 0.05 })
  expect(slow).toMatchObject({
    reason: 'unreachable',
    message: expect.stringContaining('did not answer in time'),
  })
  const closed = createServer()
  await new Promise<void>(listening => closed.listen(0, '127.0.0.1', listening))
  const port = portOf(closed)
  await new Promise(ended => closed.close(ended))
  expect(await resolve(image(`127.0.0.1:${port}`))).toMatchObject({
    reason: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

it('ends with the reason of a caller who gives up', async () => {
  const controller = new AbortController()
  const { registry } = await serve(() => controller.abort(new Error('enough')))
  await expect(resolve(image(registry), { signal: controller.signal })).rejects.toThrow('enough')
})

/** A registry whose manifests need a token, and which gives tokens itself. */
function guarded(realm: () => string): Handler {
  return ({ url, headers }, response) => {
    if (url?.startsWith('/token') === true) {
      const user = headers.authorization === undefined ? 'anyone' : 'me'
      response.end(JSON.stringify({ token: `secret-token-${user}` }))
    } else if (headers.authorization?.startsWith('Bearer secret-token') === true) {
      sendManifest(response)
    } else {
      response
        .writeHead(401, {
          'www-authenticate': `Bearer realm="${realm()}",service="the registry",scope="all"`,
        })
        .end()
    }
  }
}

it('gets a token as anyone, for reading this repository only', async () => {
  let realm = ''
  const { registry, seen } = await serve(guarded(() => realm))
  realm = `http://${registry}/token?x=1`
  expect(await resolve(image(registry))).toMatchObject({ kind: 'image', digest })
  expect(seen.map(({ method, url, authorization }) => [method, url, authorization])).toEqual([
    ['HEAD', '/v2/team/app/manifests/latest', undefined],
    ['GET', '/token?x=1&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull', undefined],
    ['HEAD', '/v2/team/app/manifests/latest', 'Bearer secret-token-anyone'],
    ['GET', `/v2/team/app/manifests/${digest}`, 'Bearer secret-token-anyone'],
  ])
})

it('gets a token with the login for this registry, and with no other', async () => {
  let realm = ''
  const { registry, seen } = await serve(guarded(() => realm))
  realm = `http://${registry}/token`
  await resolve(image(registry), { credentials: new Map([[registry, login]]) })
  await resolve(image(registry), { credentials: new Map([['other.test', login]]) })
  const asked = seen.filter(({ url }) => url.startsWith('/token')).map(({ authorization }) => authorization)
  expect(asked).toEqual([`Basic ${Buffer.from('me:hunter2').toString('base64')}`, undefined])
})

it.each(['http://auth.example.com/token', 'https://a:b@auth.example.com/', 'ftp://127.0.0.1/', '/token', ''])(
  'does not log in at %j',
  async realm => {
    expect(await reasonWith(guarded(() => realm))).toBe('unsafe')
  },
)

it.each<[string, string, Handler]>([
  ['refuses it', 'unauthorized', (_, response) => response.writeHead(401).end()],
  ['has had enough', 'rate-limited', (_, response) => response.writeHead(429).end()],
  ['fails', 'unreachable', (_, response) => response.writeHead(500).end()],
  ['redirects', 'unexpected', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ['sends no token', 'unexpected', (_, response) => response.end('{}')],
  ['sends no JSON', 'unexpected', (_, response) => response.end('<html>')],
  ['sends what no header can hold', 'unexpected', (_, response) => response.end('{"token":"a\\r\\nb"}')],
  [
    'sends too much',
    'unexpected',
    (_, response) => response.end(JSON.stringify({ token: 'x'.repeat(300_000) })),
  ],
])('says so where the place to log in %s (%s)', async (_what, reason, handler) => {
  const authority = await serve(handler)
  const options = { credentials: new Map([['127.0.0.1', login]]) }
  expect(
    await reasonWith(
      guarded(() => `http://${authority.registry}/`),
      options,
    ),
  ).toBe(reason)
})

it('says that it may not see an image whose token does not help', async () => {
  const { registry, seen } = await serve(({ url, headers }, response) => {
    if (url?.startsWith('/token') === true) response.end('{"access_token":"secret-token"}')
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end()
  })
  expect(await resolve(image(registry))).toMatchObject({ reason: 'unauthorized' })
  expect(seen).toHaveLength(3)
})

it('logs in with name and password where the registry wants that', async () => {
  const { registry } = await serve(({ headers }, response) => {
    if (headers.authorization === `Basic ${Buffer.from('me:hunter2').toString('base64')}`)
      sendManifest(response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  expect(await resolve(image(registry))).toMatchObject({ reason: 'unauthorized' })
  const credentials = new Map([[registry, login]])
  expect(await resolve(image(registry), { credentials })).toMatchObject({ kind: 'image' })
  const wrong = new Map([[registry, { ...login, username: 'you' }]])
  expect(await resolve(image(registry), { credentials: wrong })).toMatchObject({ reason: 'unauthorized' })
})

it('follows a redirect to another host without the login', async () => {
  const storage = await serve((_request, response) => sendManifest(response))
  const { registry, seen } = await serve(({ url, headers }, response) => {
    if (headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    else response.writeHead(307, { location: `http://${storage.registry}${url}` }).end()
  })
  const credentials = new Map([[registry, login]])
  expect(await resolve(image(registry), { credentials })).toMatchObject({ kind: 'image', digest })
  expect(seen.at(-1)?.authorization).toMatch(/^Basic /)
  expect(storage.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined])
})

it('gives no login to a host that it was sent to', async () => {
  const thief = await serve((_request, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic' }).end(),
  )
  const { registry } = await serve((_request, response) =>
    response.writeHead(307, { location: `http://${thief.registry}/` }).end(),
  )
  const credentials = new Map([
    [registry, login],
    [thief.registry, login],
  ])
  expect(await resolve(image(registry), { credentials })).toMatchObject({ reason: 'unauthorized' })
  expect(thief.seen.map(({ authorization }) => authorization)).toEqual([undefined])
})

it.each([
  ['docker.io', 'https://registry-1.docker.io'],
  ['registry.example.com', 'https://registry.example.com'],
  ['registry.example.com:5000', 'https://registry.example.com:5000'],
  ['10.0.0.1:5000', 'https://10.0.0.1:5000'],
  ['localhost.example.com', 'https://localhost.example.com'],
  ['127.0.0.1.example.com', 'https://127.0.0.1.example.com'],
  ['[2001:db8::1]:5000', 'https://[2001:db8::1]:5000'],
  ['localhost', 'http://localhost'],
  ['localhost:5000', 'http://localhost:5000'],
  ['127.8.9.10:5000', 'http://127.8.9.10:5000'],
  ['[::1]:5000', 'http://[::1]:5000'],
])('asks %s at %s: without encryption on loopback only', (registry, origin) => {
  expect(registryOrigin(registry)).toBe(origin)
})
