import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Names the agent's socket. */
export const AGENT_FILE = 'agent.json'

/** What the agent itself has to say. */
export const AGENT_LOG_FILE = 'agent.log'

/** What an agent exits with where another one runs in its folder. */
export const SECOND_AGENT = 3

export const MAX_SOCKET_BYTES = 100

/** The socket of the folder's agent, the last one at least; undefined where none ever ran. */
export async function readAgentSocket(folder: string): Promise<string | undefined> {
  try {
    const { socket }: { socket?: unknown } = JSON.parse(await readFile(join(folder, AGENT_FILE), 'utf8'))
    return typeof socket === 'string' ? socket : undefined
  } catch {
    return undefined
  }
}
