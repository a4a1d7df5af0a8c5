import { join } from 'node:path'
import type { Status } from '../../engine/control-plane.ts'
import type { Api } from '../api/client.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { KUBERNETES_OPTIONS, wishesOf } from '../demo/kubernetes/wishes.ts'
import { openLocalVenue } from '../demo/local-venue.ts'
import { invitePeople } from '../demo/people.ts'
import { demoResult, resultLines } from '../demo/result.ts'
import { type Opened, play } from '../demo/story.ts'
import { startUsers } from '../demo/users.ts'
import { type Door, doorText, type Venue } from '../demo/venue.ts'
import type { Input } from '../input.ts'
import { ownWords } from '../running/entries.ts'
import { startServerProcess } from '../running/server-process.ts'
import { WrongUse } from '../wrong-use.ts'
import { stopAll } from './down.ts'

export const demo: LeafCommand = {
  name: 'demo',
  summary: 'Watch releases go from dev to prod under load, one of them broken',
  options: [
    { flags: '--exit', summary: 'end when the story is over instead of staying up' },
    {
      flags: '--target <target>',
      summary: 'where it plays',
      choices: ['local', 'kubernetes'],
      byDefault: 'local',
    },
    ...KUBERNETES_OPTIONS,
  ],
  examples: [
    'sluice demo # about two minutes, then it stays up until Ctrl-C',
    'sluice demo --exit --json # the measurements, for programs',
    'sluice demo --target kubernetes --context kind-demo --registry localhost:5001/shop --prometheus http://localhost:9090',
  ],
  async run(context, input) {
    // Whatever database this person works with, the demo has its own.
    const own: Context = { ...context, environment: { ...context.environment, DATABASE_URL: '' } }
    const venue = await openVenue(own, input)
    const { folder, blueprintFile } = venue.project
    const here: Context = { ...own, folder, blueprintFile }
    try {
      return await runDemo(here, { venue, exit: input.flag('exit') })
    } finally {
      // Also after Ctrl-C, which ends everything else that listens to the context's signal.
      const unhurried = { ...here, signal: new AbortController().signal }
      try {
        await stopAll(unhurried, join(folder, '.sluice'))
      } finally {
        await venue.close()
      }
    }
  },
}

async function openVenue(context: Context, input: Input): Promise<Venue> {
  const wishes = wishesOf(input)
  if (input.text('target') === 'kubernetes') {
    const { openKubernetesVenue } = await import('../demo/kubernetes/kubernetes-venue.ts')
    return await openKubernetesVenue(context, wishes)
  }
  const [stray] = Object.entries(wishes).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (stray === undefined) return await openLocalVenue()
  const flag = stray.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  throw new WrongUse(`--${flag}`, 'the demo on this machine has no use for it', 'add --target kubernetes')
}

async function runDemo(
  context: Context,
  { venue, exit }: { readonly venue: Venue; readonly exit: boolean },
): Promise<Report> {
  const { output, signal } = context
  const { folder, blueprintFile } = venue.project
  const server = await startServerProcess(context, { blueprintFile, port: 0, words: ownWords() })
  const people = await invitePeople({ url: server.url, stateFolder: join(folder, '.sluice'), signal })
  const ending = new AbortController()
  const audience = AbortSignal.any([ending.signal, signal])
  const telling = tellEvents(context, people.operator, audience)
  try {
    const say = (text: string): void => output.note(`\n${output.style.strong(text)}`)
    const openDoors = async (): Promise<Opened> => {
      const door = await venue.door(await addressOf(people.operator))
      return { door, load: startUsers(output, door, audience) }
    }
    const { opened, rollouts } = await play({ context, venue, people, say, openDoors })
    const result = demoResult(opened.load.totals(), rollouts)
    const lines = resultLines(result, output.style)
    if (!exit) await stayUp(context, { lines, door: opened.door, server: server.url })
    return { json: result, lines: exit ? lines : [], exitCode: result.failed === 0 ? 0 : 1 }
  } finally {
    ending.abort()
    await telling
  }
}

async function addressOf(api: Api): Promise<string | undefined> {
  const { environments } = await api.get<Status>('/status')
  return environments.find(({ name }) => name === 'prod')?.address
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
  shown: { readonly lines: readonly string[]; readonly door: Door; readonly server: string },
): Promise<void> {
  for (const line of shown.lines) output.line(line)
  output.line(
    `\nThe shop is at ${doorText(shown.door, output.style)}, Sluice at ${shown.server}. Ctrl-C ends both.`,
  )
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    process.once('SIGTERM', () => resolve())
  })
}
