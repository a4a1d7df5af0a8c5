import { createReadStream } from 'node:fs'
import { totalmem } from 'node:os'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import type { ArtifactStore } from '../../artifacts/content-store.ts'
import type { Digest } from '../../model/digest.ts'
import type { Workload } from '../../model/release.ts'
import type { SecretReader } from '../workload-secrets.ts'
import type { AgentClient } from './agent-client.ts'
import { bundleCommand, COMMAND_REMEDY } from './bundle-command.ts'
import { mountProblems } from './mount-path.ts'

export interface PreflightInputs {
  readonly agent: AgentClient
  readonly artifacts: ArtifactStore
  readonly readSecret: SecretReader
  readonly workload: Workload
  readonly signal: AbortSignal
}

const MEBIBYTE = 1024 ** 2
const LARGEST_PACKAGE_JSON = MEBIBYTE
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** All that keeps a workload from running on this machine, each with its remedy. */
export async function preflightProblems(inputs: PreflightInputs): Promise<readonly string[]> {
  const { agent, workload, signal } = inputs
  await agent.request({ method: 'GET', path: '/v1/hello', signal })
  const [artifact, secrets] = await Promise.all([artifactProblems(inputs), secretProblems(inputs)])
  return [...artifact, ...secrets, ...specProblems(workload)]
}

async function artifactProblems({ artifacts, workload }: PreflightInputs): Promise<readonly string[]> {
  const { artifact, service, spec } = workload
  if (artifact.kind === 'image') {
    return [
      `${service} is a container image, and the local target runs bundles; set \`build: FOLDER\` for the service ` +
        'instead of `image`, or promote to an environment with another target',
    ]
  }
  const state = await artifacts.verify(artifact.digest)
  if (state === 'missing') return [`the bundle ${artifact.digest} is missing; create the release again`]
  if (state === 'damaged') {
    return [
      `the bundle ${artifact.digest} is damaged: its bytes have another hash; restore it, or create the release again`,
    ]
  }
  if (spec.command !== undefined) return []
  const start = bundleCommand(undefined, await readPackageJson(artifacts, artifact.digest))
  return start.kind === 'command' ? [] : [`${start.what}; ${COMMAND_REMEDY}`]
}

async function secretProblems({ workload, readSecret }: PreflightInputs): Promise<readonly string[]> {
  const { environment, secrets } = workload
  const found = Object.entries(secrets).map(async ([name, version]) => {
    try {
      await readSecret(environment, name, version)
      return []
    } catch {
      // The store's own words may say more than they should.
      return [
        `the secret ${name} (version ${version || 'none'}) cannot be read; set it with ` +
          `\`sluice secret set ${environment} ${name}\`, then create the release again`,
      ]
    }
  })
  return (await Promise.all(found)).flat()
}

function specProblems({ service, spec }: Workload): readonly string[] {
  const mounted = spec.secrets.flatMap(({ as }) => (as.kind === 'file' ? [as.path] : []))
  const files = mountProblems([...Object.keys(spec.files), ...mounted])
  const variables = spec.secrets.flatMap(({ as }) => (as.kind === 'variable' ? [as.name] : []))
  const names = [...Object.keys(spec.config), ...variables].filter(name => !VARIABLE.test(name))
  const texts = [...Object.values(spec.config), ...(spec.command ?? [])].some(text => text.includes('\0'))
  const machine = Math.floor(totalmem() / MEBIBYTE)
  return [
    ...files.map(problem => `${problem}; mount it at a path such as /etc/config/settings.json`),
    ...names.map(
      name => `${JSON.stringify(name)} cannot name a variable; use letters, digits and underscores`,
    ),
    ...(texts ? ['a variable or the command holds a NUL character; remove it'] : []),
    // Only what can never fit: processes seldom use all that they may.
    ...(spec.memory > machine
      ? [
          `an instance of ${service} may use ${spec.memory} MiB and this machine has ${machine}; lower \`memory\``,
        ]
      : []),
  ]
}

async function readPackageJson(artifacts: ArtifactStore, digest: Digest): Promise<string | undefined> {
  const tar = extract()
  const reading = pipeline(createReadStream(artifacts.path(digest)), tar)
  let text: string | undefined
  for await (const entry of tar) {
    const { name, size } = entry.header
    if (name === 'package.json' && size <= LARGEST_PACKAGE_JSON) {
      const chunks: Buffer[] = []
      for await (const chunk of entry) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
      text = Buffer.concat(chunks).toString('utf8')
    }
    entry.resume()
  }
  await reading
  return text
}
