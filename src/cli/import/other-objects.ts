import type { ImportedService } from './imported-service.ts'
import { type NamespaceObjects, servicesOf } from './namespace-objects.ts'
import type { NotExpressed } from './not-expressed.ts'

const RUNS_ONCE = 'goes on as it is; what has to run before a release can be a step of CI'
const ADVICE: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  StatefulSet: [
    'keeps data or a place of its own for each pod, and services of the blueprint are alike',
    'goes on as it is; services reach it by its name, once their `egress` says so',
  ],
  DaemonSet: ['runs on every node, and belongs to the cluster', 'goes on as it is'],
  Job: ['runs once, and the blueprint has what serves', RUNS_ONCE],
  CronJob: ['runs by the clock, and the blueprint has what serves', RUNS_ONCE],
  NetworkPolicy: [
    'may not let users, metrics or callers through to Sluice’s pods, which have other labels',
    'let it allow pods that have the label app.kubernetes.io/managed-by: sluice, before the first release',
  ],
}

/** What else is in the namespace. */
export function otherObjects(
  objects: NamespaceObjects,
  services: readonly ImportedService[],
): readonly NotExpressed[] {
  return [
    ...objects.others.map(({ kind, name }) => {
      const [why, advice] = ADVICE[kind] ?? ['the blueprint has no word for it', 'goes on as it is']
      return { object: `${kind} ${name}`, field: '', why, advice }
    }),
    ...services.flatMap(imported => moreServices(imported, objects)),
    ...objects.unread.map(({ kind, why }) => ({
      object: kind,
      field: '',
      why: `could not be read: ${why}`,
      advice: 'import again as somebody who may list them',
    })),
  ]
}

/** Names by which the old pods are called, and which nobody moves. */
function moreServices(
  { deployment, service, name }: ImportedService,
  { services }: NamespaceObjects,
): readonly NotExpressed[] {
  return servicesOf(deployment, services)
    .filter(each => each !== service)
    .map(({ metadata }) => ({
      object: `Service ${metadata.name}`,
      field: '',
      why: `is another name of ${name}, and goes on leading to the pods of Deployment ${deployment.metadata.name}`,
      advice: `let its callers use ${name} before that Deployment is scaled down`,
    }))
}
