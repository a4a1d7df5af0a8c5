// The smallest service that shows everything a target promises: it tells what it is, what it was given and what it does.
import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'

const { PORT, HOST, SLUICE_ROOT = '', SLUICE_COLOR, SLUICE_RELEASE, MODE = 'good' } = process.env
const version = readFileSync(new URL('version.txt', import.meta.url), 'utf8')

if (MODE === 'exits') {
  console.error('the database is not there')
  process.exit(7)
}
if (MODE === 'floods') {
  // Opened anew: this program's own end of the pipe does not wait for its reader.
  spawn('sh', ['-c', `exec yes ${'x'.repeat(99)} > /dev/stdout`], { stdio: ['ignore', 'inherit', 'ignore'] })
}
if (MODE === 'forks') {
  // Ignores SIGTERM: only SIGKILL of the whole group ends it.
  const child = spawn('sh', ['-c', 'trap "" TERM; echo "child $$"; while :; do sleep 1; done'], {
    stdio: 'inherit',
  })
  console.log(`forked ${child.pid}`)
}

const answers = {
  '/health': () => ({ status: MODE === 'sick' ? 500 : 200, body: 'ok' }),
  '/ready': () => ({ status: MODE === 'unready' ? 503 : 200, body: 'ok' }),
  '/environment': () => ({ status: 200, body: JSON.stringify(process.env) }),
  '/log': url => {
    const text = url.searchParams.get('text') ?? ''
    for (let n = Number(url.searchParams.get('times') ?? 1); n > 0; n -= 1) console.log(text)
    return { status: 200, body: 'logged' }
  },
  '/burn': url => {
    const { user } = process.cpuUsage()
    while (process.cpuUsage().user - user < Number(url.searchParams.get('milliseconds')) * 1000);
    return { status: 200, body: String(process.pid) }
  },
  '/file': url => {
    const path = SLUICE_ROOT + url.searchParams.get('path')
    const mode = (statSync(path).mode & 0o777).toString(8)
    return { status: 200, body: JSON.stringify({ mode, text: readFileSync(path, 'utf8') }) }
  },
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://app')
  const name = `/${url.pathname.split('/').at(-1)}`
  const { status, body } = answers[name]?.(url) ?? {
    status: 200,
    body: JSON.stringify({ version, color: SLUICE_COLOR, release: SLUICE_RELEASE, pid: process.pid }),
  }
  setTimeout(
    () => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body)
    },
    Number(url.searchParams.get('slow') ?? 0),
  )
})
server.listen(Number(PORT), HOST, () => console.log(`version ${version} listens`))
process.on('SIGTERM', () => {
  console.log('asked to end')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
