import { join } from 'node:path'
import type { LeafCommand } from '../command.ts'
import { WrongUse } from '../wrong-use.ts'

export const agent: LeafCommand = {
  name: 'agent',
  summary: 'Run the process that owns instances and balancer on this machine',
  options: [
    {
      flags: '--folder <path>',
      summary: 'where it keeps what it needs',
      byDefault: '.sluice/agent beside the blueprint',
    },
  ],
  examples: ['sluice agent --folder .sluice/agent # `sluice up` does this in the background'],
  async run(context, input) {
    const { findStateFolder } = await import('../project-folder.ts')
    const stateFolder = findStateFolder(context.folder, context.blueprintFile)
    const folder =
      input.text('folder') ?? (stateFolder === undefined ? undefined : join(stateFolder, 'agent'))
    if (folder === undefined) {
      throw new WrongUse(context.folder, 'there is no .sluice folder here or above', 'name one with --folder')
    }
    const { runAgent } = await import('../../targets/local/agent/run-agent.ts')
    const running = await runAgent({ folder })
    const close = () => void running.close()
    process.once('SIGTERM', close)
    context.signal.addEventListener('abort', close)
    await running.closed
    return { json: { stopped: true }, lines: [] }
  },
}
