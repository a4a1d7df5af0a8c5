import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Names the agent's socket. */
export const AGENT_FILE = 'agent.json'

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
