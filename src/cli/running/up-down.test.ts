import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServerFile } from '../project-folder.ts'
import { runCli } from '../testing/run-cli.ts'
import { processExists } from './server-state.ts'

const SERVER = `const server = require('node:http').createServer((request, response) => response.end('hello'))
server.listen(process.env.PORT)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-up-'))
})

afterEach(async () => {
  await runCli(['down'], { folder })
  await rm(folder, { recursive: true, maxRetries: 3 })
})

async function freePort(): Promise<number> {
  const probe = createSocketServer()
  await new Promise<void>(resolve => {
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise(resolve => {
    probe.close(resolve)
  })
  return port
}

async function writeProject(port: number): Promise<void> {
  await mkdir(join(folder, 'web'))
  await writeFile(join(folder, 'web', 'server.js'), SERVER)
  await writeFile(
    join(folder, 'sluice.yaml'),
    `project: shop
services:
  web: { build: ./web, command: node server.js, ingress: true, health: / }
environments:
  dev: { local: { port: ${port} } }
  prod: { local: { port: ${await freePort()} } }
`,
  )
}

async function serverFile(): Promise<ServerFile> {
  return JSON.parse(await readFile(join(folder, '.sluice', 'server.json'), 'utf8')) as ServerFile
}

describe('up and down', () => {
  it('serve a release, keep serving without the server, and stop everything', async () => {
    const port = await freePort()
    await writeProject(port)
    const first = await runCli(['up', '--port', '0', '--json'], { folder })
    expect(first).toMatchObject({ code: 0 })
    const started = JSON.parse(first.stdout) as ServerFile
    expect(started).toMatchObject({ started: true, environments: { dev: `http://127.0.0.1:${port}` } })

    const again = await runCli(['up', '--json'], { folder })
    expect(JSON.parse(again.stdout)).toMatchObject({ started: false, pid: started.pid })

    expect(await runCli(['release', 'create'], { folder })).toMatchObject({ code: 0 })
    const same = await runCli(['release', 'create', '--json'], { folder })
    expect(JSON.parse(same.stdout)).toMatchObject({ existed: true })
    expect(await runCli(['promote', 'latest', 'dev'], { folder })).toMatchObject({ code: 0, stderr: '' })

    expect(await runCli(['down', '--keep-services', '--json'], { folder })).toMatchObject({ code: 0 })
    expect(processExists(started.pid)).toBe(false)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')

    const down = await runCli(['down', '--json'], { folder })
    expect(JSON.parse(down.stdout)).toEqual({ server: 'not running', agent: 'stopped' })
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
    expect(await runCli(['down'], { folder })).toMatchObject({ code: 0, stdout: 'Nothing was running.\n' })
  }, 120_000)

  it('tell why the server did not start', async () => {
    await writeProject(await freePort())
    const taken = createServer()
    await new Promise<void>(resolve => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await runCli(['up', '--port', String(port)], { folder })
    await new Promise(resolve => {
      taken.close(resolve)
    })
    expect(code).toBe(1)
    expect(stderr).toContain('something else listens there')
  }, 60_000)

  it('say all problems of the blueprint and start nothing', async () => {
    await writeFile(join(folder, 'sluice.yaml'), 'project: shop\nservices: {}\n')
    const { code, stderr } = await runCli(['up'], { folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/\d problems?\n$/)
  })

  it('end no process that merely has the number of the server', async () => {
    await mkdir(join(folder, '.sluice'))
    const impostor = createServer((_request, response) => {
      response.end('{"status":"ok","instance":"another"}')
    })
    await new Promise<void>(resolve => {
      impostor.listen(0, '127.0.0.1', resolve)
    })
    const { port } = impostor.address() as AddressInfo
    const content = { url: `http://127.0.0.1:${port}`, pid: process.pid, startedAt: '', instance: 'ours' }
    await writeFile(join(folder, '.sluice', 'server.json'), JSON.stringify(content))
    const { code, stderr } = await runCli(['down'], { folder })
    expect(code).toBe(1)
    expect(stderr).toContain(`process ${process.pid}`)
    expect(await serverFile()).toEqual(content)
    await rm(join(folder, '.sluice', 'server.json'))
    await new Promise(resolve => {
      impostor.close(resolve)
    })
  })

  it('forget a server that was killed', async () => {
    await mkdir(join(folder, '.sluice'))
    const content = { url: 'http://127.0.0.1:1', pid: 2 ** 22 + 1, startedAt: '', instance: 'ours' }
    await writeFile(join(folder, '.sluice', 'server.json'), JSON.stringify(content))
    expect(await runCli(['down'], { folder })).toMatchObject({ code: 0 })
    await expect(serverFile()).rejects.toThrow('ENOENT')
  })
})
