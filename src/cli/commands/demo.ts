import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Status } from '../../engine/control-plane.ts'
import type { Api } from '../api/client.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { type Load, startLoad } from '../demo/load.ts'
import { invitePeople } from '../demo/people.ts'
import { copyShop } from '../demo/project.ts'
import { demoResult, resultLines } from '../demo/result.ts'
import { play } from '../demo/story.ts'
import type { Output } from '../output.ts'
import { ownWords } from '../running/entries.ts'
import { startServerProcess } from '../running/server-process.ts'
import { stopAll } from './down.ts'

const CONNECTIONS = 16
const REQUESTS_PER_SECOND = 150
const VISITS = [
  { path: '/' },
  { path: '/products/1' },
  { method: 'POST', path: '/orders', body: 'productId=1&quantity=1' },
]

export const demo: LeafCommand = {
  name: 'demo',
  summary: 'Watch releases go from dev to prod under load, one of them broken',
  options: [{ flags: '--exit', summary: 'end when the story is over instead of staying up' }],
  examples: [
    'sluice demo # about two minutes, then it stays up until Ctrl-C',
    'sluice demo --exit --json # the measurements, for programs',
  ],
  async run(context, input) {
    const project = await copyShop()
    const here: Context = {
      ...context,
      folder: project.folder,
      blueprintFile: project.blueprintFile,
      // Whatever database this person works with, the demo has its own.
      environment: { ...context.environment, DATABASE_URL: '' },
    }
    try {
      return await runDemo(here, { project, exit: input.flag('exit') })
    } finally {
      // Also after Ctrl-C, which ends everything else that listens to the context's signal.
      const unhurried = { ...here, signal: new AbortController().signal }
      await stopAll(unhurried, join(project.folder, '.sluice'))
      await rm(project.folder, { recursive: true, force: true, maxRetries: 3 })
    }
  },
}

async function runDemo(
  context: Context,
  { project, exit }: { readonly project: Awaited<ReturnType<typeof copyShop>>; readonly exit: boolean },
): Promise<Report> {
  const { output, signal } = context
  const { blueprintFile } = project
  const server = await startServerProcess(context, { blueprintFile, port: 0, words: ownWords() })
  const people = await invitePeople({ url: server.url, stateFolder: join(project.folder, '.sluice'), signal })
  const ending = new AbortController()
  const audience = AbortSignal.any([ending.signal, signal])
  const telling = tellEvents(context, people.operator, audience)
  try {
    const prod = await addressOf(people.operator)
    const say = (text: string): void => output.note(`\n${output.style.strong(text)}`)
    const openDoors = async (): Promise<Load> => startUsers(output, prod, audience)
    const { load, rollouts } = await play({ context, project, people, say, openDoors })
    const result = demoResult(load.totals(), rollouts)
    const lines = resultLines(result, output.style)
    if (!exit) await stayUp(context, { lines, prod, server: server.url })
    return { json: result, lines: exit ? lines : [], exitCode: result.failed === 0 ? 0 : 1 }
  } finally {
    ending.abort()
    await telling
  }
}

function startUsers(output: Output, origin: string, signal: AbortSignal): Load {
  return startLoad({
    origin,
    paths: VISITS,
    connections: CONNECTIONS,
    requestsPerSecond: REQUESTS_PER_SECOND,
    signal,
    onFailure: ({ method, path, reason, excused }) => {
      if (!excused && !signal.aborted) output.note(`  FAILED ${method} ${path}: ${reason}`)
    },
  })
}

async function addressOf(api: Api): Promise<string> {
  const { environments } = await api.get<Status>('/status')
  const address = environments.find(({ name }) => name === 'prod')?.address
  if (address === undefined) throw new Error('prod has no address')
  return address
}

/** Prints every event as it is recorded. */
async function tellEvents({ output, now }: Context, api: Api, signal: AbortSignal): Promise<void> {
  const began = now()
  try {
    for await (const { at, message } of await api.events({ after: 0, signal })) {
      const seconds = Math.max(0, (at - began) / 1000).toFixed(1)
      output.note(`${output.style.faint(`${seconds.padStart(6)} s`)}  ${message}`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function stayUp(
  { output, signal }: Context,
  shown: { readonly lines: readonly string[]; readonly prod: string; readonly server: string },
): Promise<void> {
  for (const line of shown.lines) output.line(line)
  output.line(`\nThe shop is at ${shown.prod}, Sluice at ${shown.server}. Ctrl-C ends both.`)
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    process.once('SIGTERM', () => resolve())
  })
}
