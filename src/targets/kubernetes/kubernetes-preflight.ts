import { weightsFor } from '../../model/color.ts'
import type { Workload } from '../../model/release.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import type { ServicePlan } from '../../render/kubernetes/service-plan.ts'
import type { Slot } from '../target.ts'
import { type Cluster, FieldsOwned, RequestRefused } from './api/cluster.ts'
import { nameOf } from './api/cluster-object.ts'
import { deploymentsOf, supports } from './provision-slot.ts'
import { readAllowed } from './read-view.ts'
import { activeColor, BUNDLE_PROBLEM, BUNDLE_REMEDY, holdsSecrets, releasePlan } from './release-plan.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetMemory } from './target-memory.ts'
import type { TargetParts } from './target-parts.ts'

interface Preflight {
  readonly slot: Slot
  readonly workload: Workload
  readonly signal: AbortSignal
}

/**
 * All that the cluster, the registry and the secrets have against the workload, each in its own words with a remedy. What
 * may pass by itself, such as a webhook that does not answer, is no answer yet, until half of the time is over.
 */
export async function preflightProblems(
  parts: TargetParts,
  { patience }: Pick<TargetMemory, 'patience'>,
  asked: Preflight,
): Promise<readonly string[]> {
  const { slot, workload } = asked
  try {
    return await problemsOf(parts, asked)
  } catch (error) {
    const key = `preflight ${slot.service} ${slot.color} ${workload.release}`
    const isPassing = error instanceof RequestRefused
    if (isPassing && patience.isOver(key, workload.spec.rollout.deadlines.preflight / 2))
      return [error.message]
    throw error
  }
}

async function problemsOf(parts: TargetParts, asked: Preflight): Promise<readonly string[]> {
  const { workload, slot, signal } = asked
  if (workload.artifact.kind === 'bundle') {
    return [`services.${workload.service}: ${BUNDLE_PROBLEM}; ${BUNDLE_REMEDY}`]
  }
  const [read, image, secrets] = await Promise.all([
    readAllowed(parts, workload.service, signal),
    parts.verifyImage(workload.artifact, signal),
    readableSecrets(parts, workload),
  ])
  const { view } = read
  const plan = releasePlan(parts.environment, workload, activeColor(view.ledger, slot.color))
  const refused = await refusals(parts, { ...asked, view, plan, values: secrets.values })
  return [
    ...read.refused.map(error => unread(parts, error)),
    ...(image === undefined ? [] : [image]),
    ...secrets.problems,
    ...parts.way.problems(plan),
    ...refused,
  ]
}

/** A kind of object that is not known, or may not be read. */
function unread(parts: TargetParts, { message, status }: RequestRefused): string {
  return `${parts.cluster.name}: ${message}; ${status === 404 ? KIND_REMEDY : prepares(parts)}`
}

/** For good: whoever has just started, or waits for somebody else, will say something else. */
const isRefusal = (error: unknown): error is RequestRefused =>
  error instanceof RequestRefused && error.isFinal

const prepares = ({ environment }: TargetParts): string =>
  `\`kubectl apply -f kubernetes/${environment.environment}\` prepares the namespace and what Sluice may do there`

const KIND_REMEDY = 'install what the cluster does not know (for HTTPRoute, the Gateway API and a controller)'

interface ReadableSecrets {
  readonly values: Readonly<Record<string, string>>
  readonly problems: readonly string[]
}

async function readableSecrets(parts: TargetParts, workload: Workload): Promise<ReadableSecrets> {
  const { environment, secrets } = workload
  if (!holdsSecrets(releasePlan(parts.environment, workload, 'blue'), workload))
    return { values: {}, problems: [] }
  const read = await Promise.all(
    Object.entries(secrets).map(async ([name, version]) => {
      try {
        return { name, value: await parts.readSecret(environment, name, version) }
      } catch {
        // The store's own words may say more than they should.
        return { name, version }
      }
    }),
  )
  return {
    values: Object.fromEntries(
      read.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
    problems: read.flatMap(({ name, version, value }) =>
      value === undefined ? [unreadable(environment, name, version ?? '')] : [],
    ),
  }
}

const unreadable = (environment: string, name: string, version: string): string =>
  `the secret ${name} (version ${version || 'none'}) cannot be read; set it with ` +
  `\`sluice secret set ${environment} ${name}\`, then create the release again`

interface Checked extends Preflight {
  readonly view: ServiceView
  readonly plan: ServicePlan
  readonly values: Readonly<Record<string, string>>
}

/** The API server checks every object that the rollout would write, with all of its admission, and keeps none. */
async function refusals(parts: TargetParts, checked: Checked): Promise<readonly string[]> {
  const { cluster } = parts
  const { view, plan, slot, workload, values, signal } = checked
  const problems = parts.way.problems(plan)
  const routes = problems.length > 0 ? [] : parts.way.objects(plan, weightsFor(slot.color, 100), view)
  const objects: readonly KubernetesObject[] = [
    ...supports(plan, values),
    ...deploymentsOf(plan, view, { slot, count: workload.spec.replicas }),
    ...routes,
  ]
  const refused = await Promise.all(
    objects.map(async object => {
      try {
        await cluster.apply(object, { signal, dryRun: true })
        return []
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (isNamespaceMissing(cluster, error))
          return [`${cluster.name} has no namespace ${cluster.namespace}; ${prepares(parts)}`]
        return [`${named(object, error)}${remedyOf(parts, error)}`]
      }
    }),
  )
  return [...new Set(refused.flat())]
}

const named = (object: KubernetesObject, { message }: RequestRefused): string =>
  message.includes(object.metadata.name) ? message : `${nameOf(object)}: ${message}`

function remedyOf({ environment: { environment } }: TargetParts, error: RequestRefused): string {
  if (!(error instanceof FieldsOwned)) return ''
  return `; \`sluice diff ${environment} --live\` shows what somebody else changed, \`sluice repair ${environment}\` takes it back`
}

const isNamespaceMissing = ({ namespace }: Cluster, { status, message }: RequestRefused): boolean =>
  status === 404 && message.includes(`namespaces "${namespace}" not found`)
