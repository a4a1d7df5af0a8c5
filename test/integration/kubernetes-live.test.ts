import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workload } from '../../src/model/release.ts'
import type { Live, LiveDifference } from '../../src/targets/target.ts'
import {
  installDefinitions,
  type Kubernetes,
  needsKubernetes,
  startKubernetes,
} from '../harness/kubernetes.ts'
import { type OpenedTarget, openTarget } from '../harness/kubernetes-target.ts'
import { probeWorkload } from '../harness/probe-workload.ts'

const signal = AbortSignal.timeout(600_000)
const WEB = { environment: 'dev', service: 'web' }

describe.runIf(needsKubernetes())('what people change in a cluster by hand', () => {
  let kubernetes: Kubernetes
  let opened: OpenedTarget
  let workload: Workload

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    await installDefinitions(kubernetes)
    opened = await openTarget(kubernetes, { verifyImage: async () => undefined })
    const digest = `sha256:${'a'.repeat(64)}` as const
    workload = probeWorkload({
      environment: 'dev',
      service: 'web',
      artifact: { kind: 'image', repository: 'registry.example.com/web', digest },
      spec: { config: { LOG_LEVEL: 'info' }, files: { '/etc/settings.json': '{}' } },
    })
    await opened.target.provision({ ...WEB, color: 'blue' }, workload, 2, { fence: [1, 1, 1, 1], signal })
  }, 60_000)
  afterAll(async () => {
    await opened?.close()
    await kubernetes?.stop()
  })

  const live = (): Live => {
    if (opened.target.live === undefined) throw new Error('the target compares nothing')
    return opened.target.live
  }
  const differences = () => live().differences(WEB, { workloadOf: async () => workload }, signal)
  const repair = () => live().repair(WEB, { workloadOf: async () => workload }, signal)
  const kubectl = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await kubernetes.kubectl(['--namespace', 'dev', ...words])
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  const named = (found: readonly LiveDifference[]) => found.map(({ object, field }) => `${object} ${field}`)

  it('is nothing where nobody did', async () => {
    expect(await differences()).toEqual([])
  })

  it('is told with whose it is, and put right only when somebody asks', async () => {
    await kubectl('set', 'image', 'deployment/web-blue', 'web=registry.example.com/web:latest')
    await kubectl('set', 'env', 'deployment/web-blue', 'DEBUG=1')
    await kubectl('delete', 'service', 'web-blue')
    const found = await differences()
    expect(found).toMatchObject([
      { object: 'Service web-blue', field: '', released: 'present' },
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].env[name="DEBUG"]',
        live: '(not shown: it may be a secret)',
        manager: 'kubectl-set',
      },
      {
        object: 'Deployment web-blue',
        field: '.spec.template.spec.containers[name="web"].image',
        released: expect.stringContaining('@sha256:aaaa'),
        live: 'registry.example.com/web:latest',
        manager: 'kubectl-set',
      },
    ])
    expect(Math.abs(Date.now() - (found[1]?.at ?? 0))).toBeLessThan(600_000)
    expect(await differences()).toEqual(found)
    expect(named(await repair())).toEqual(named(found))
    expect(await differences()).toEqual([])
    expect(await kubectl('get', 'deployment', 'web-blue', '-o', 'yaml')).not.toContain('DEBUG')
    // The fields are Sluice's again: the next release meets no conflict.
    const slot = { ...WEB, color: 'blue' } as const
    const next = probeWorkload({
      ...workload,
      artifact: { ...workload.artifact, digest: `sha256:${'b'.repeat(64)}` },
    })
    await opened.target.provision(slot, next, 2, { fence: [1, 1, 1, 2], signal })
    await opened.target.provision(slot, workload, 2, { fence: [1, 1, 1, 2], signal })
  })

  it('is not the number of instances, which an autoscaler or a person on duty sets', async () => {
    await kubectl('scale', 'deployment/web-blue', '--replicas=5')
    expect(await differences()).toEqual([])
  })

  it('is not a label that somebody put beside those of the release', async () => {
    await kubectl('label', 'deployment/web-blue', 'team=ops')
    await kubectl('label', 'deployment/web-blue', '--overwrite', 'app.kubernetes.io/part-of=other')
    expect(named(await repair())).toEqual([
      'Deployment web-blue .metadata.labels."app.kubernetes.io/part-of"',
    ])
    expect(await kubectl('get', 'deployment', 'web-blue', '--show-labels')).toContain('team=ops')
  })
})
