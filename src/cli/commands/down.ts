import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { findStateFolder } from '../project-folder.ts'
import { withProgress } from '../terminal/progress.ts'
import { unproven } from './up.ts'

export const down: LeafCommand = {
  name: 'down',
  summary: 'Stop what `sluice up` started',
  options: [{ flags: '--keep-services', summary: 'stop the server only: users go on being served' }],
  examples: [
    'sluice down # server, agent and all services; what was released stays on the disk',
    'sluice down --keep-services # only the server; `sluice up` takes over again',
  ],
  async run(context, input) {
    const stateFolder = findStateFolder(context.folder, context.blueprintFile)
    if (stateFolder === undefined) return report({ server: 'not running', agent: 'not running' })
    if (!input.flag('keepServices')) return report(await stopAll(context, stateFolder))
    return report({ server: await stopServer(context, stateFolder), agent: 'kept' })
  },
}

/** The server first: it would take the agent's end for a failure. */
export async function stopAll(
  context: Context,
  stateFolder: string,
): Promise<{ readonly server: Stopped; readonly agent: Stopped }> {
  const server = await stopServer(context, stateFolder)
  return { server, agent: await stopAgent(context, stateFolder) }
}

type Stopped = 'stopped' | 'not running'

async function stopServer(context: Context, stateFolder: string): Promise<Stopped> {
  const { serverState } = await import('../running/server-state.ts')
  const { stopServerProcess } = await import('../running/server-process.ts')
  const state = await serverState(stateFolder)
  if (state.kind === 'none') return 'not running'
  if (state.kind === 'unproven') throw unproven(state.file)
  if (state.kind === 'gone') {
    await rm(join(stateFolder, 'server.json'), { force: true })
    return 'not running'
  }
  const { file } = state
  const stopped = await withProgress(context.output, 'Stop the server', () =>
    stopServerProcess(file, context.signal),
  )
  if (stopped) return 'stopped'
  throw new UserError(
    `process ${file.pid}`,
    'the server is still finishing its work',
    'look into .sluice/server.log, then try again',
  )
}

async function stopAgent({ output }: Context, stateFolder: string): Promise<Stopped> {
  const { connectAgent } = await import('../../targets/local/agent-client.ts')
  const agent = await connectAgent(join(stateFolder, 'agent'))
  if (agent === undefined) return 'not running'
  try {
    await withProgress(output, 'Stop the services', () => agent.shutDown())
    return 'stopped'
  } finally {
    await agent.close()
  }
}

function report(state: { readonly server: Stopped; readonly agent: Stopped | 'kept' }): Report {
  const lines =
    state.server === 'not running' && state.agent === 'not running'
      ? ['Nothing was running.']
      : [`server: ${state.server}`, `services: ${state.agent === 'kept' ? 'still running' : state.agent}`]
  return { json: state, lines }
}
