import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { MetricSource } from '../analysis/metric-source.ts'
import { createPrometheusSource } from '../analysis/prometheus/prometheus-source.ts'
import { type RegistryCredentials, readDockerAuths } from '../artifacts/registry-credentials.ts'
import { type ResolvedEnvironment, resolveBlueprint } from '../blueprint/resolve-blueprint.ts'
import type { Clock } from '../engine/ports.ts'
import { environmentPlan } from '../render/kubernetes/environment-plan.ts'
import { environmentLabels } from '../render/kubernetes/labels.ts'
import type { ClusterAccess } from '../targets/kubernetes/api/access.ts'
import { createKubernetesTarget } from '../targets/kubernetes/kubernetes-target.ts'
import { switchFor } from '../targets/kubernetes/switching/switch-for.ts'
import type { Log } from '../targets/kubernetes/target-parts.ts'
import { imageVerifier } from '../targets/kubernetes/verify-image.ts'
import type { SecretReader } from '../targets/workload-secrets.ts'
import { clusterAccess } from './cluster-access.ts'
import type { OpenTarget } from './late-target.ts'
import type { TargetBookParts } from './target-book.ts'

/** A decision waits for it. */
const METRICS_SECONDS = 5

export interface KubernetesOpenerParts {
  readonly readSecret: SecretReader
  readonly clock: Clock
  readonly log: Log
}

/** Opens the namespaces of environments; what only they need is loaded then. */
export function kubernetesOpener(parts: KubernetesOpenerParts): TargetBookParts['kubernetes'] {
  return (read, environment) => {
    const blueprint = resolveBlueprint(read.blueprint)
    const access = clusterAccess(blueprint, environment)
    const plan = environmentPlan(blueprint, environment)
    const { prometheus } = environment.settings.monitoring
    const facts = { access, plan: { ...plan, order: [...plan.route.order] }, prometheus }
    return {
      key: JSON.stringify(facts),
      open: async () =>
        await openEnvironment(parts, {
          access,
          environment,
          plan,
          prometheus,
          externalId: blueprint.project,
        }),
    }
  }
}

interface Opened {
  readonly access: ClusterAccess
  readonly environment: ResolvedEnvironment
  readonly plan: ReturnType<typeof environmentPlan>
  readonly prometheus: string | undefined
  readonly externalId: string
}

async function openEnvironment(
  { readSecret, clock, log }: KubernetesOpenerParts,
  { access, environment, plan, prometheus, externalId }: Opened,
): Promise<OpenTarget> {
  const { openEntry } = await import('../targets/kubernetes/api/entry/open-entry.ts')
  const { openCluster } = await import('../targets/kubernetes/api/open-cluster.ts')
  const entry = await openEntry(access, {
    environment: process.env,
    homeFolder: homedir(),
    now: clock.now,
    openEks: eks => openEks(eks, { environment: environment.name, externalId }),
  })
  const cluster = openCluster({ entry, namespace: plan.namespace, labels: environmentLabels(plan) })
  const way = switchFor(plan.route)
  const verifyImage = imageVerifier({ credentials: await registryLogins() })
  const target = createKubernetesTarget({
    cluster,
    environment: plan,
    way,
    readSecret,
    verifyImage,
    now: clock.now,
    log,
  })
  return {
    target,
    metrics: metricsOf(prometheus),
    async close() {
      way.close()
      await target.close()
      await cluster.close()
    },
  }
}

async function openEks(
  { cluster, region, roleArn }: Extract<ClusterAccess, { kind: 'eks' }>,
  { environment, externalId }: { readonly environment: string; readonly externalId: string },
) {
  const { openAwsCredentials } = await import('../aws/credentials.ts')
  const { openEksCluster } = await import('../aws/eks-cluster.ts')
  const role =
    roleArn === undefined ? undefined : { arn: roleArn, externalId, sessionName: `sluice-${environment}` }
  const credentials = await openAwsCredentials({ region, role })
  return await openEksCluster({ name: cluster, region, credentials })
}

/** Nothing measures where no Prometheus is named: silence, never zero errors. */
function metricsOf(prometheus: string | undefined): MetricSource {
  if (prometheus === undefined) return { measure: async () => ({}) }
  const token = process.env['SLUICE_PROMETHEUS_TOKEN'] ?? ''
  const timeoutSeconds = METRICS_SECONDS
  return createPrometheusSource({ url: prometheus, timeoutSeconds, ...(token === '' ? {} : { token }) })
}

/** As `docker login` wrote them; none where nobody logged in. */
async function registryLogins(): Promise<RegistryCredentials> {
  const folder = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker')
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}')
  return readDockerAuths(text) ?? new Map()
}
