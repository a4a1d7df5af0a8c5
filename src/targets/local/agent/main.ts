import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { UserError } from '../../../model/user-error.ts'
import { AGENT_LOG_FILE, SECOND_AGENT } from '../agent-address.ts'
import { boundOwnLog } from '../own-log.ts'
import { SecondAgent } from './agent-folder.ts'
import { Refusal } from './refusal.ts'
import { runAgent } from './run-agent.ts'

const { values } = parseArgs({
  options: { folder: { type: 'string' }, artifacts: { type: 'string' }, version: { type: 'string' } },
})
if (values.folder === undefined) {
  console.error('usage: agent --folder DIR [--artifacts DIR] [--version TEXT]')
  process.exit(2)
}
// Its own log may lie on a disk that is full: not to be able to complain is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
boundOwnLog({ path: join(values.folder, AGENT_LOG_FILE), maxBytes: 10 * 1024 ** 2 })
try {
  const agent = await runAgent({ ...values, folder: values.folder })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void agent.close())
  await agent.closed
  process.exit(0)
} catch (error) {
  if (error instanceof Refusal) console.error(`${error.where}: ${error.message}; ${error.remedy}`)
  else console.error(error instanceof UserError ? error.message : error)
  process.exit(error instanceof SecondAgent ? SECOND_AGENT : 1)
}
