import type { ArtifactStore } from '../artifacts/content-store.ts'
import { createLocalTarget } from '../targets/local/local-target.ts'
import { type StartAgentOptions, startAgent } from '../targets/local/start-agent.ts'
import type { SecretReader } from '../targets/workload-secrets.ts'
import type { OpenedLocal } from './target-book.ts'

/** The local target with its agent, which goes on when the server ends. */
export async function openLocal(
  options: StartAgentOptions,
  parts: { readonly artifacts: ArtifactStore; readonly readSecret: SecretReader },
): Promise<OpenedLocal> {
  const agent = await startAgent(options)
  const revive = async () => (await startAgent(options)).close()
  return { target: createLocalTarget({ agent, ...parts, revive }), close: () => agent.close() }
}
