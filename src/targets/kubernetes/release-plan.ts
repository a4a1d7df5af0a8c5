import { type Color, otherColor, type Weights } from '../../model/color.ts'
import type { Workload } from '../../model/release.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import { sha256 } from '../../model/sha256.ts'
import { UserError } from '../../model/user-error.ts'
import type { EnvironmentPlan } from '../../render/kubernetes/environment-plan.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { metadata } from '../../render/kubernetes/metadata.ts'
import { clusterSecretName } from '../../render/kubernetes/secret-mounts.ts'
import { type ServicePlan, servicePlan } from '../../render/kubernetes/service-plan.ts'
import type { ColorEntry, Ledger } from './ledger.ts'
import type { ImageArtifact } from './target-parts.ts'

/** The image of a workload; nothing else runs in a cluster. */
export function imageOf({ artifact, service }: Workload): ImageArtifact {
  if (artifact.kind === 'image') return artifact
  throw new UserError(`services.${service}`, BUNDLE_PROBLEM, BUNDLE_REMEDY)
}

export const BUNDLE_PROBLEM = 'its artifact is a bundle, and Kubernetes runs container images'
export const BUNDLE_REMEDY = 'build an image, push it to a registry and name it: `image: REGISTRY/NAME:TAG`'

/** The objects of one release, as `render` writes them; `active` is the color that has the users. */
export function releasePlan(environment: EnvironmentPlan, workload: Workload, active: Color): ServicePlan {
  return planOf(environment, {
    service: workload.service,
    entry: entryOf(workload),
    active,
    secretName: secretNameOf(workload),
  })
}

/** The objects that send users, of a release that is in a color. */
export function planOf(
  environment: EnvironmentPlan,
  o: {
    readonly service: string
    readonly entry: ColorEntry
    readonly active: Color
    readonly secretName?: string
  },
): ServicePlan {
  const { service, entry, active, secretName } = o
  const { release: id, artifact, repository, spec } = entry
  return servicePlan(environment, {
    service,
    spec,
    image: { image: `${repository}@${artifact}`, known: true },
    active,
    release: { id, artifact },
    ...(secretName === undefined ? {} : { secretName }),
  })
}

export function entryOf(workload: Workload): ColorEntry {
  const { digest, repository } = imageOf(workload)
  const { release, spec, secrets } = workload
  return { release, artifact: digest, repository, spec, secrets }
}

/** As it is kept: ConfigMaps hold the rest, under names that the Deployments know. */
export function keptEntry(entry: ColorEntry): ColorEntry {
  const spec: ServiceSpec = { ...entry.spec, config: {}, files: {} }
  return { ...entry, spec }
}

/** The color with more of the users; before the first opening the one that is asked about. */
export function activeColor(ledger: Ledger | undefined, otherwise: Color): Color {
  return ledger?.move === undefined ? otherwise : moreOf(ledger.move.weights, otherwise)
}

export function moreOf(weights: Weights, inDoubt: Color): Color {
  const other = otherColor(inDoubt)
  return weights[other] > weights[inDoubt] ? other : inDoubt
}

const HASH_LENGTH = 10

/** By the versions, never by the values: another version is another Secret, and a rollback brings the former one back. */
function secretNameOf({ service, secrets }: Workload): string {
  const versions = Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const hash = sha256(JSON.stringify(versions)).slice('sha256:'.length).slice(0, HASH_LENGTH)
  return `${clusterSecretName(service)}-${hash}`
}

/** Whether Sluice itself brings the values of secrets into the cluster. */
export const holdsSecrets = (plan: ServicePlan, { secrets }: Pick<Workload, 'secrets'>): boolean =>
  plan.secretSource.kind === 'cluster' && Object.keys(secrets).length > 0

/** Never changes once it is made. */
export function secretObject(
  plan: ServicePlan,
  values: Readonly<Record<string, string>>,
): readonly KubernetesObject[] {
  if (plan.secretSource.kind !== 'cluster' || Object.keys(values).length === 0) return []
  const data = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')])
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(plan, plan.secretSource.name),
      type: 'Opaque',
      immutable: true,
      data: Object.fromEntries(data),
    },
  ]
}
