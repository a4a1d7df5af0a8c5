import { dirname, join } from 'node:path'
import type { Status } from '../../engine/control-plane.ts'
import { UserError } from '../../model/user-error.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import type { ServerFile } from '../project-folder.ts'
import { withProgress } from '../terminal/progress.ts'
import { formatFacts } from '../terminal/table.ts'

export const up: LeafCommand = {
  name: 'up',
  summary: 'Run Sluice for the blueprint in this folder',
  options: [
    { flags: '--detach', summary: 'in the background (so it is without --foreground)' },
    { flags: '--foreground', summary: 'run the server here and show its log, until Ctrl-C' },
    {
      flags: '--port <number>',
      summary: 'where the server listens',
      kind: 'whole',
      byDefault: '7777, or a free one',
    },
  ],
  examples: [
    'sluice up # server and agent, in the background; again: takes over a changed blueprint',
    'sluice up --foreground # stay and show the log',
    'sluice up --port 8080 --json # prints the addresses for programs',
  ],
  async run(context, input) {
    const { loadProject } = await import('../blueprint-file.ts')
    const { file: blueprintFile } = await loadProject(context)
    const { serverState } = await import('../running/server-state.ts')
    const state = await serverState(join(dirname(blueprintFile), '.sluice'))
    switch (state.kind) {
      case 'running':
        return alreadyRunning(context, { file: state.file, blueprintFile })
      case 'unproven':
        throw unproven(state.file)
      case 'none':
      case 'gone':
        return start(context, { blueprintFile, input })
      default:
        return state satisfies never
    }
  },
}

async function start(
  context: Context,
  { blueprintFile, input }: { readonly blueprintFile: string; readonly input: Input },
): Promise<Report> {
  const port = input.number('port')
  if (input.flag('foreground')) {
    const { serve } = await import('../running/serve.ts')
    await serve(context, { blueprintFile, host: '127.0.0.1', port, publicHosts: [] })
    return { json: { stopped: true }, lines: ['The server has stopped; what it started goes on serving.'] }
  }
  const { ownWords } = await import('../running/entries.ts')
  const { startServerProcess } = await import('../running/server-process.ts')
  const file = await withProgress(context.output, 'Start server and agent', () =>
    startServerProcess(context, { blueprintFile, port, words: ownWords() }),
  )
  return report(context, { file, blueprintFile, started: true })
}

async function alreadyRunning(
  context: Context,
  { file, blueprintFile }: { readonly file: ServerFile; readonly blueprintFile: string },
): Promise<Report> {
  const api = connect({ ...context, blueprintFile, server: file.url })
  await withProgress(context.output, 'Read the blueprint again', () => api.post('/policy/reload'))
  return report(context, { file, blueprintFile, started: false })
}

async function report(
  context: Context,
  o: { readonly file: ServerFile; readonly blueprintFile: string; readonly started: boolean },
): Promise<Report> {
  const { url, pid } = o.file
  const api = connect({ ...context, blueprintFile: o.blueprintFile, server: url })
  const { environments } = await api.get<Status>('/status')
  const addresses = environments.map(({ name, address }) => [name, address] as const)
  const { style } = context.output
  const title = o.started
    ? `${style.good('✓')} Sluice runs (process ${pid}).`
    : `Sluice runs already (process ${pid}); it has read the blueprint again.`
  const facts = formatFacts([['server', url], ...addresses], style)
  return {
    json: { ...o.file, started: o.started, environments: Object.fromEntries(addresses) },
    lines: [
      title,
      ...facts,
      `Next: \`sluice release create\`, then \`sluice promote latest ${environments[0]?.name ?? 'dev'}\`.`,
    ],
  }
}

/** A process is never taken for ours, nor ended, on the word of its number alone. */
export function unproven(file: ServerFile): UserError {
  return new UserError(
    `process ${file.pid}`,
    `.sluice/server.json names it, and it does not answer at ${file.url} as the server that was started there`,
    'if it is a server that hangs, end it yourself; if it is something else, remove .sluice/server.json; then try again',
  )
}
