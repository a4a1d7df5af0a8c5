import { createServer } from 'node:http'

const {
  PORT = '3000',
  HOST = '127.0.0.1',
  SLUICE_RELEASE = 'unreleased',
  SLUICE_COLOR = 'none',
} = process.env
let stopping = false

const server = createServer((request, response) => {
  const unready = stopping && request.url === '/ready'
  response.writeHead(unready ? 503 : 200, {
    'content-type': 'text/plain',
    'x-release': SLUICE_RELEASE,
    'x-color': SLUICE_COLOR,
    ...(stopping ? { connection: 'close' } : {}),
  })
  response.end(unready ? 'stopping\n' : 'Hello\n')
})

// Balancers get a second to see that this instance leaves; then it answers what it has and goes.
process.on('SIGTERM', () => {
  stopping = true
  setTimeout(() => server.close(), 1000)
})

server.listen(Number(PORT), HOST)
