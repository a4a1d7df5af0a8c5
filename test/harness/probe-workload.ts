import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BundleArtifact, createBundle } from '../../src/artifacts/bundle.ts'
import type { ArtifactStore } from '../../src/artifacts/content-store.ts'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import type { Artifact } from '../../src/model/artifact.ts'
import type { Workload } from '../../src/model/release.ts'
import type { Probe, ServiceSpec } from '../../src/model/service-spec.ts'

const APP = new URL('probe-app/server.mjs', import.meta.url)

/** Bundles the probe app as one version, and keeps it in the store. */
export async function bundleProbeApp(store: ArtifactStore, version: string): Promise<BundleArtifact> {
  const project = await mkdtemp(join(tmpdir(), 'sluice-bundle-'))
  try {
    const folder = join(project, 'app')
    await mkdir(folder)
    await copyFile(APP, join(folder, 'server.mjs'))
    await writeFile(join(folder, 'version.txt'), version)
    const out = join(project, 'bundle.tar')
    const made = await createBundle({ folder, projectFolder: project, out })
    if (made.kind === 'refused') throw new Error(made.problems.map(({ message }) => message).join('; '))
    await store.put(made.digest, createReadStream(out), { maxBytes: made.bytes })
    return made
  } finally {
    await removeTree(project)
  }
}

export interface ProbeWorkload {
  readonly environment: string
  readonly service: string
  readonly artifact: Artifact
  readonly spec?: Partial<ServiceSpec>
  readonly secrets?: Readonly<Record<string, string>>
}

/** A workload of the probe app in a release of its own, which users reach below `/SERVICE`. */
export function probeWorkload({
  environment,
  service,
  artifact,
  spec,
  secrets = {},
}: ProbeWorkload): Workload {
  const release = `sha256:${createHash('sha256').update(randomUUID()).digest('hex')}` as const
  return { environment, service, release, artifact, secrets, spec: { ...probeSpec(service), ...spec } }
}

function probeSpec(service: string): ServiceSpec {
  return {
    command: ['node', 'server.mjs'],
    port: 3000,
    health: { liveness: quickProbe('/health'), readiness: quickProbe('/ready') },
    cpu: 256,
    memory: 128,
    replicas: 1,
    config: {},
    files: {},
    secrets: [],
    ingress: [{ path: `/${service}` }],
    after: [],
    graceSeconds: 2,
    rollout: {
      strategy: 'blue-green',
      steps: [{ percent: 100, bakeSeconds: 0 }],
      verify: [],
      approveSwitch: false,
      analysis: { windowSeconds: 60, minimumRequests: 0, maxErrorRate: 0.01 },
      standbySeconds: 0,
      sticky: false,
      deadlines: { preflight: 10, provision: 60, verify: 10, approval: 10, hold: 10, shift: 10, retire: 10 },
    },
  }
}

function quickProbe(path: string): Probe {
  return { path, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2, initialDelaySeconds: 0 }
}
